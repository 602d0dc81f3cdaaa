// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, decodeHeaders, type ServerFrame } from "@natswire/codec";

const WIDTH = 24;

/** The steps of a run, a line each, and a hash of all of them. */
export class Trace {
  readonly lines: string[] = [];
  readonly #isKept: boolean;
  #hash = 0x811c9dc5;

  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  note(now: number, line: string): void {
    this.mix(now);
    for (let i = 0; i < line.length; i++) this.mix(line.charCodeAt(i));
    if (this.#isKept) this.lines.push(`${(now / 1000).toFixed(3).padStart(10)}  ${line}`);
  }

  /** Adds a number to the hash, without a line. */
  mix(number: number): void {
    this.#hash = Math.imul(this.#hash ^ number, 0x01000193);
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}

/** Returns a frame as a line: the control line, then the payload. */
export function formatFrame(frame: ClientFrame | ServerFrame): string {
  switch (frame.op) {
    case "pub": {
      const { subject, reply, headers, payload } = frame;
      return `${headers === undefined ? "" : "H"}PUB ${subject} ${optional(reply)}${payload.length}  ${format(payload)}`;
    }
    case "msg": {
      const { subject, sid, reply, headers, payload } = frame;
      const status = headers === undefined ? undefined : decodeHeaders(headers)?.status;
      const code = status === undefined || status === 0 ? "" : `  ${status}`;
      return `${headers === undefined ? "" : "H"}MSG ${subject} ${sid} ${optional(reply)}${payload.length}${code}  ${format(payload)}`;
    }
    case "sub":
      return `SUB ${frame.subject} ${optional(frame.queue)}${frame.sid}`;
    case "unsub":
      return `UNSUB ${frame.sid}${frame.max === undefined ? "" : ` ${frame.max}`}`;
    case "connect":
      return "CONNECT {…}";
    case "info": {
      const { connect_urls, ldm } = frame.info;
      const parts = [connect_urls && ` connect_urls ${connect_urls.join(" ")}`, ldm === true && " ldm"];
      return `INFO {…}${parts.filter(Boolean).join("")}`;
    }
    case "err":
      return `-ERR '${frame.text}'`;
    case "ok":
      return "+OK";
    default:
      return frame.op.toUpperCase();
  }
}

function optional(text: string | undefined): string {
  return text === undefined ? "" : `${text} `;
}

function format(payload: Uint8Array): string {
  const text = String.fromCharCode(...payload.subarray(0, WIDTH));
  return payload.length > WIDTH ? `${text}…` : text;
}
