// SPDX-License-Identifier: Apache-2.0
import type { pipe, Transport } from "../src/index.ts";

/** A client that is spoken for by hand, one character per byte. */
export class Telnet {
  heard = "";
  isClosed = false;
  readonly transport: Transport;
  /** The chunks it heard, as they came. */
  readonly chunks: string[] = [];

  constructor(dial: ReturnType<typeof pipe>["dial"], port: number) {
    this.transport = dial(
      { host: "pipe", port },
      {
        open: () => {},
        data: (chunk) => {
          const text = String.fromCharCode(...chunk);
          this.chunks.push(text);
          this.heard += text;
        },
        written: () => {},
        ready: () => {},
        close: () => {
          this.isClosed = true;
        },
      },
    );
  }

  /** Says something and hears what comes of it. */
  async ask(text: string): Promise<string> {
    this.transport.write(
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      false,
    );
    return this.hear();
  }

  /** What was heard since the last time. */
  async hear(): Promise<string> {
    // A pipe needs no more time than promises do.
    await new Promise((resolve) => setImmediate(resolve));
    const { heard } = this;
    this.heard = "";
    return heard;
  }
}
