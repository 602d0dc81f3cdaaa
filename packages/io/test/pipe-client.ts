// SPDX-License-Identifier: Apache-2.0
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import type { pipe, Transport } from "../src/index.ts";

/** A client on a pipe that sends and receives text, one character a byte. */
export class PipeClient {
  received = "";
  isClosed = false;
  readonly transport: Transport;
  /** The chunks as they arrived. */
  readonly chunks: string[] = [];

  constructor(dial: ReturnType<typeof pipe>["dial"], port: number) {
    this.transport = dial(
      { host: "pipe", port },
      {
        open: () => {},
        data: (chunk) => {
          const text = fromLatin1(chunk);
          this.chunks.push(text);
          this.received += text;
        },
        written: () => {},
        ready: () => {},
        close: () => {
          this.isClosed = true;
        },
      },
    );
  }

  /** Sends a text and returns the answer. */
  async exchange(text: string): Promise<string> {
    this.transport.write(latin1(text), false);
    return this.receive();
  }

  /** Returns what was received since the last call. */
  async receive(): Promise<string> {
    // A pipe delivers within microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    const { received } = this;
    this.received = "";
    return received;
  }
}
