// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  clientFrames,
  Decoder,
  encode,
  type Grammar,
  ProtocolError,
  type ServerFrame,
  serverFrames,
  UsageError,
} from "@natswire/codec";
import { decoder as utf8 } from "../platform.ts";
import { redacted } from "./redacted.ts";

/** What only a transcript has: the ends of a connection, and where a client broke the protocol. */
export type TranscriptMark =
  | { readonly op: "opened" }
  | { readonly op: "closed" }
  | { readonly op: "broken"; readonly code: string; readonly offset: number };

/** One frame, as it was said. */
export interface TranscriptEntry {
  /** The connection's `id`. */
  readonly connection: number;
  readonly from: "client" | "server";
  readonly frame: ClientFrame | ServerFrame<string> | TranscriptMark;
}

/** What a server says, with sids as clients gave them: any token. */
export const serverFramesWithAnySid: Grammar<ServerFrame<string>> = {
  ...serverFrames,
  verbs: serverFrames.verbs.map((verb) => (verb.sid === "digits" ? { ...verb, sid: "token" } : verb)),
  frame(at) {
    const frame = serverFrames.frame(at);
    return frame.op === "msg" ? { ...frame, sid: at.sidText() } : frame;
  },
};

// Characters of a frame that are printed: of a longer one its beginning and its end.
const WIDTH = 160;

/** Writes down what two sides of one connection say. */
export class FrameRecorder {
  readonly #add: (entry: TranscriptEntry) => void;
  readonly #connection: number;
  readonly #client: Decoder<ClientFrame>;
  readonly #server = new Decoder(serverFramesWithAnySid);
  readonly #broken = new Set<"client" | "server">();

  /** @param add is given each frame as it is heard */
  constructor(
    add: (entry: TranscriptEntry) => void,
    connection: number,
    limits: { readonly line: number; readonly payload: number },
  ) {
    this.#add = add;
    this.#connection = connection;
    this.#client = new Decoder(clientFrames, limits);
  }

  mark(from: "client" | "server", op: "opened" | "closed"): void {
    this.#write(from, { op });
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
    decoder.push(new Uint8Array(chunk));
    try {
      for (const frame of decoder) this.#write(from, frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken.add(from);
      this.#write(from, { op: "broken", code: error.code, offset: error.offset });
    }
  }

  #write(from: "client" | "server", frame: TranscriptEntry["frame"]): void {
    this.#add({ connection: this.#connection, from, frame });
  }
}

/** As one would see it in telnet, `>` what a client says and `<` what it hears, credentials hidden, long frames cut. */
export function print(entries: readonly TranscriptEntry[]): string {
  return entries
    .map(({ connection, from, frame }) => `${connection} ${from === "client" ? ">" : "<"} ${words(frame)}`)
    .join("\n");
}

function words(frame: TranscriptEntry["frame"]): string {
  if (frame.op === "opened" || frame.op === "closed") return `(${frame.op})`;
  if (frame.op === "broken") return `(${frame.code} at byte ${frame.offset})`;
  const shown = frame.op === "connect" ? { ...frame, options: redacted(frame.options) } : frame;
  try {
    return shortened(utf8.decode(encode(shown)).slice(0, -2).replaceAll("\r\n", "␍␊"));
  } catch (error) {
    // A client may say what nobody may write.
    if (!(error instanceof UsageError)) throw error;
    return shortened(JSON.stringify(shown, (_, value) => (value instanceof Uint8Array ? utf8.decode(value) : value)));
  }
}

function shortened(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} … ${text.slice(-WIDTH / 2)}`;
}
