// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, decodeHeaders, type ServerFrame } from "@natswire/codec";

const WIDTH = 24;

/** What happened, one line a step; a number stands for all of it. */
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

  /** What is no line of its own, but must be the same again. */
  mix(number: number): void {
    this.#hash = Math.imul(this.#hash ^ number, 0x01000193);
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}

/** A frame as one would see it in telnet, its payload behind it. */
export function words(frame: ClientFrame | ServerFrame): string {
  switch (frame.op) {
    case "pub": {
      const { subject, reply, headers, payload } = frame;
      return `${headers === undefined ? "" : "H"}PUB ${subject} ${optional(reply)}${payload.length}  ${shown(payload)}`;
    }
    case "msg": {
      const { subject, sid, reply, headers, payload } = frame;
      const status = headers === undefined ? undefined : decodeHeaders(headers)?.status;
      const code = status === undefined || status === 0 ? "" : `  ${status}`;
      return `${headers === undefined ? "" : "H"}MSG ${subject} ${sid} ${optional(reply)}${payload.length}${code}  ${shown(payload)}`;
    }
    case "sub":
      return `SUB ${frame.subject} ${optional(frame.queue)}${frame.sid}`;
    case "unsub":
      return `UNSUB ${frame.sid}${frame.max === undefined ? "" : ` ${frame.max}`}`;
    case "connect":
      return "CONNECT {…}";
    case "info": {
      const { connect_urls, ldm } = frame.info;
      const news = [connect_urls && ` connect_urls ${connect_urls.join(" ")}`, ldm === true && " ldm"];
      return `INFO {…}${news.filter(Boolean).join("")}`;
    }
    case "err":
      return `-ERR '${frame.text}'`;
    case "ok":
      return "+OK";
    default:
      return frame.op.toUpperCase();
  }
}

function optional(word: string | undefined): string {
  return word === undefined ? "" : `${word} `;
}

function shown(payload: Uint8Array): string {
  const text = String.fromCharCode(...payload.subarray(0, WIDTH));
  return payload.length > WIDTH ? `${text}…` : text;
}
