// SPDX-License-Identifier: Apache-2.0
import { Decoder, serverFrames } from "@natswire/codec";
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import { ServerHarness } from "../../server/test/server-harness.ts";
import { type JetStream, jetstream } from "../src/index.ts";

/** A message that a client received. Text has one character for each byte. */
export interface Delivered {
  readonly subject: string;
  readonly reply: string | undefined;
  /** The lines of the header block, without the version if there is no status. */
  readonly headers: readonly string[];
  readonly payload: string;
}

/** What an answer of the API has. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many kinds
export type Answer = any;

/** A server with JetStream on a virtual clock, and a client that speaks the protocol. */
export class JetStreamHarness {
  readonly jetstream: JetStream;
  readonly server: ServerHarness;
  readonly client: number;
  #replies = 0;

  constructor(module: JetStream = jetstream()) {
    this.jetstream = module;
    this.server = new ServerHarness({ modules: [module] });
    this.client = this.server.connect(',"no_responders":true');
    this.server.send(this.client, "SUB _R.* 1\r\n");
  }

  /** Publishes a message. @param headers lines */
  publish(subject: string, payload = "", headers: readonly string[] = [], reply = ""): void {
    this.server.send(this.client, pub(subject, payload, headers, reply));
  }

  /** Publishes a message with a reply subject. Returns what came to that subject. */
  request(subject: string, payload: string | object = "", headers: readonly string[] = []): Delivered[] {
    const reply = `_R.${++this.#replies}`;
    this.publish(subject, typeof payload === "string" ? payload : JSON.stringify(payload), headers, reply);
    return this.received().filter((message) => message.subject === reply);
  }

  /** Requests something of the API, or publishes to a stream. Returns the JSON of the answer. */
  ask(subject: string, payload: string | object = "", headers: readonly string[] = []): Answer {
    const [answer] = this.request(subject, payload, headers);
    if (answer === undefined) throw new Error(`no answer from ${subject}`);
    return JSON.parse(answer.payload);
  }

  /** Requests something of the API of streams. */
  api(name: string, payload: string | object = ""): Answer {
    return this.ask(`$JS.API.${name}`, payload);
  }

  /** Creates a stream in memory. Returns the answer. */
  create(name: string, config: object = {}): Answer {
    return this.api(`STREAM.CREATE.${name}`, { name, storage: "memory", ...config });
  }

  /** Subscribes the client. */
  subscribe(pattern: string, sid = 2): void {
    this.server.send(this.client, `SUB ${pattern} ${sid}\r\n`);
  }

  /** Returns the messages that the client received since the last call. */
  received(): Delivered[] {
    const decoder = new Decoder(serverFrames);
    decoder.push(latin1(this.server.read(this.client)));
    const messages: Delivered[] = [];
    for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull()) {
      if (frame.op !== "msg") continue;
      const { subject, reply, headers, payload } = frame;
      messages.push({ subject, reply, headers: linesOf(headers), payload: fromLatin1(payload) });
    }
    return messages;
  }

  /** Calls `elapsed`, as a runtime does after the program changed a stream. */
  wake(): void {
    this.server.core.elapsed(this.server.now);
    this.server.settle();
  }

  /** Advances the clock. */
  advance(milliseconds: number): void {
    this.server.advance(milliseconds);
  }
}

/** Returns a PUB or HPUB. */
export function pub(subject: string, payload: string, headers: readonly string[] = [], reply = ""): string {
  const target = reply === "" ? subject : `${subject} ${reply}`;
  if (headers.length === 0) return `PUB ${target} ${payload.length}\r\n${payload}\r\n`;
  const block = `NATS/1.0\r\n${headers.join("\r\n")}\r\n\r\n`;
  return `HPUB ${target} ${block.length} ${block.length + payload.length}\r\n${block}${payload}\r\n`;
}

function linesOf(block: Uint8Array | undefined): string[] {
  if (block === undefined) return [];
  const [version = "", ...lines] = fromLatin1(block).trimEnd().split("\r\n");
  return version === "NATS/1.0" ? lines : [version, ...lines];
}
