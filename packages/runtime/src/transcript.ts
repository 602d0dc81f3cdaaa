// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  type ConnectOptions,
  clientFrames,
  Decoder,
  encode,
  ProtocolError,
  type ServerFrame,
  UsageError,
} from "@natswire/codec";
import { host, decoder as utf8 } from "./platform.ts";
import { spoken } from "./trouble.ts";

/** What only a transcript has: the ends of a connection, and where a client broke the protocol. */
export type Mark =
  | { readonly op: "opened" }
  | { readonly op: "closed" }
  | { readonly op: "broken"; readonly code: string; readonly offset: number };

/** One frame, as it was said. */
export interface Entry {
  /** The connection's `id`. */
  readonly connection: number;
  readonly from: "client" | "server";
  readonly frame: ClientFrame | ServerFrame<string> | Mark;
}

/** What a frame is to look like: each field given is equal, payloads and headers also as text. */
export type Wanted = { readonly op: Entry["frame"]["op"] } & Readonly<Record<string, unknown>>;

/** Whose frame it is to be. */
export interface Whose {
  readonly from?: "client" | "server";
  readonly connection?: number;
  /** Milliseconds to wait for it, of the machine's clock; 2,000 where left out. */
  readonly within?: number;
}

const PATIENCE = 2000;
// Characters of a frame that are printed: of a longer one its beginning and its end.
const WIDTH = 160;

/**
 * All that a server and its clients said, frame by frame, in order.
 *
 * `expect` reads on from where it last found something, so that a test reads like the session it describes.
 */
export class Transcript implements Iterable<Entry> {
  readonly #entries: Entry[] = [];
  #read = 0;
  #waiting: (() => void)[] = [];

  [Symbol.iterator](): Iterator<Entry> {
    return this.#entries[Symbol.iterator]();
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    for (const look of this.#waiting.splice(0)) look();
  }

  /**
   * The next such frame behind the one that was expected last; waits for it where it is not there yet.
   *
   * @throws Error where it does not come in time, with what came instead
   */
  async expect(wanted: Wanted, whose: Whose = {}): Promise<Entry> {
    const { within = PATIENCE } = whose;
    let isLate = false;
    const timer = host.setTimeout(() => {
      isLate = true;
      for (const look of this.#waiting.splice(0)) look();
    }, within);
    try {
      while (true) {
        const found = this.#find(wanted, whose);
        if (found >= 0) {
          this.#read = found + 1;
          return this.#entries[found] as Entry;
        }
        if (isLate) {
          const rest = print(this.#entries.slice(this.#read));
          throw new Error(`no ${JSON.stringify(wanted)} within ${within} ms, but\n${rest === "" ? "  nothing" : rest}`);
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      host.clearTimeout(timer);
    }
  }

  /**
   * Nothing like it came behind the frame that was expected last.
   *
   * @throws Error where it did
   */
  expectNone(wanted: Wanted, whose: Whose = {}): void {
    const found = this.#find(wanted, whose);
    if (found >= 0)
      throw new Error(
        `expected no ${JSON.stringify(wanted)}, but\n${print(this.#entries.slice(this.#read, found + 1))}`,
      );
  }

  /** As one would see it in telnet, `>` what a client says and `<` what it hears, credentials hidden, long frames cut. */
  toString(): string {
    return print(this.#entries);
  }

  #find(wanted: Wanted, { from, connection }: Whose): number {
    return this.#entries.findIndex(
      (entry, i) =>
        i >= this.#read &&
        (from === undefined || entry.from === from) &&
        (connection === undefined || entry.connection === connection) &&
        isLike(entry.frame, wanted),
    );
  }
}

/** Writes one connection's part of a transcript. */
export class Scribe {
  readonly #transcript: Transcript;
  readonly #connection: number;
  readonly #client: Decoder<ClientFrame>;
  readonly #server = new Decoder(spoken);
  readonly #broken = new Set<"client" | "server">();

  constructor(transcript: Transcript, connection: number, limits: { readonly line: number; readonly payload: number }) {
    this.#transcript = transcript;
    this.#connection = connection;
    this.#client = new Decoder(clientFrames, limits);
  }

  mark(from: "client" | "server", op: "opened" | "closed"): void {
    this.#add(from, { op });
  }

  /** Bytes a client said; they are not kept when this returns. */
  said(chunk: Uint8Array): void {
    this.#read("client", this.#client, chunk);
  }

  /** Bytes a client is to hear, likewise. */
  heard(chunk: Uint8Array): void {
    this.#read("server", this.#server, chunk);
  }

  #read(from: "client" | "server", decoder: Decoder<ClientFrame | ServerFrame<string>>, chunk: Uint8Array): void {
    if (this.#broken.has(from)) return;
    decoder.push(chunk.slice());
    try {
      for (const frame of decoder) this.#add(from, frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken.add(from);
      this.#add(from, { op: "broken", code: error.code, offset: error.offset });
    }
  }

  #add(from: "client" | "server", frame: Entry["frame"]): void {
    this.#transcript.add({ connection: this.#connection, from, frame });
  }
}

function isLike(value: unknown, wanted: unknown): boolean {
  if (value instanceof Uint8Array)
    return typeof wanted === "string" ? utf8.decode(value) === wanted : isLike([...value], [...(wanted as Uint8Array)]);
  if (typeof wanted !== "object" || wanted === null || typeof value !== "object" || value === null)
    return Object.is(value, wanted);
  return Object.entries(wanted).every(([key, part]) => isLike((value as Record<string, unknown>)[key], part));
}

function print(entries: readonly Entry[]): string {
  return entries
    .map(({ connection, from, frame }) => `${connection} ${from === "client" ? ">" : "<"} ${words(frame)}`)
    .join("\n");
}

function words(frame: Entry["frame"]): string {
  if (frame.op === "opened" || frame.op === "closed") return `(${frame.op})`;
  if (frame.op === "broken") return `(${frame.code} at byte ${frame.offset})`;
  try {
    const shown = frame.op === "connect" ? { ...frame, options: redacted(frame.options) } : frame;
    return shortened(utf8.decode(encode(shown)).slice(0, -2).replaceAll("\r\n", "␍␊"));
  } catch (error) {
    // A client may say what nobody may write.
    if (!(error instanceof UsageError)) throw error;
    return shortened(JSON.stringify(frame, (_, value) => (value instanceof Uint8Array ? utf8.decode(value) : value)));
  }
}

function shortened(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} … ${text.slice(-WIDTH / 2)}`;
}

function redacted(options: ConnectOptions): ConnectOptions {
  const secrets = ["auth_token", "pass", "jwt", "sig"].filter((name) => name in options);
  return { ...options, ...Object.fromEntries(secrets.map((name) => [name, "***"])) };
}
