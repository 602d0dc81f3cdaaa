// SPDX-License-Identifier: Apache-2.0
import { ProtocolError, serverFramesWithAnySid } from "@natswire/codec";
import { PartScanner } from "@natswire/codec/rewrite";

/** The fields of INFO that can be left as they are. */
export const INFO_FIELDS = ["connect_urls", "tls", "compression"] as const;

/** What clients receive in INFO; every other field passes. */
export interface InfoRules {
  /** Empties `connect_urls`, `ws_connect_urls` and `leafnode_urls`: clients reconnect to the tap, not to another server. */
  readonly hideServers: boolean;
  /** Sets `tls_required`, and clears `tls_available` and `tls_verify`: how clients reach the tap. `undefined` changes nothing. */
  readonly tls: boolean | undefined;
  /** Turns `compression` off, which would hide the frames. */
  readonly noCompression: boolean;
}

const EMPTY = new Uint8Array(0);
const { INFO } = serverFramesWithAnySid.kinds;
const LETTER_I = 0x49;
const LOWER_CASE = 0x20;

/** Rewrites INFO in the bytes of a server, cut into chunks in any way. All other bytes pass unchanged and at once. */
export class InfoRewriter {
  /** Whether an INFO has passed. */
  hasInfo = false;
  readonly #rules: InfoRules;
  // It holds no large message: only INFO matters.
  readonly #scanner = new PartScanner(serverFramesWithAnySid);
  // The start of an INFO whose rest has not arrived.
  #held: Uint8Array = EMPTY;
  #isMalformed = false;

  constructor(rules: InfoRules) {
    this.#rules = rules;
  }

  /** Returns the bytes to forward. They are kept back only while a line may be an INFO. */
  rewrite(chunk: Uint8Array): Uint8Array {
    if (this.#isMalformed) return chunk;
    const start = this.#scanner.offset + this.#scanner.buffered - this.#held.length;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const parts: Uint8Array[] = [];
    let passed = 0;
    this.#held = EMPTY;
    this.#scanner.push(chunk);
    try {
      for (let frame = this.#scanner.offset - start, kind = this.#scanner.next(); kind !== 0; ) {
        const end = this.#scanner.offset - start;
        if (kind === INFO) {
          this.hasInfo = true;
          parts.push(bytes.subarray(passed, frame), rewriteInfo(bytes.subarray(frame, end), this.#rules));
          passed = end;
        }
        frame = end;
        kind = this.#scanner.next();
      }
      const rest = this.#scanner.offset - start;
      if (((bytes[rest] ?? 0) & ~LOWER_CASE) === LETTER_I) {
        this.#held = bytes.slice(rest);
        return Buffer.concat([...parts, bytes.subarray(passed, rest)]);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // TLS, or another protocol: it passes as it is.
      this.#isMalformed = true;
    }
    return parts.length === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(passed)]);
  }

  /** The bytes that are kept back. */
  get rest(): Uint8Array {
    return this.#held;
  }
}

/** Returns an INFO with other values, in the same spelling: its numbers may be larger than those of JavaScript. */
function rewriteInfo(bytes: Uint8Array, { hideServers, tls, noCompression }: InfoRules): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  let line = text;
  // A route carries the addresses for the clients of the other servers: it does not use them itself.
  if (hideServers && !/"lnoc"\s*:/.test(line))
    line = line.replace(/("(?:(?:ws_)?connect|leafnode)_urls"\s*:\s*)\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]/g, "$1[]");
  if (noCompression) line = line.replace(/("compression"\s*:\s*)"[^"]*"/, '$1"off"');
  if (tls !== undefined) {
    line = line.replace(/("tls_(?:required|available|verify)"\s*:\s*)true/g, "$1false");
    if (tls) {
      line = /"tls_required"\s*:/.test(line)
        ? line.replace(/("tls_required"\s*:\s*)false/, "$1true")
        : line.replace(/\{(\s*\})?/, (_, end) =>
            end === undefined ? '{"tls_required":true,' : '{"tls_required":true}',
          );
    }
  }
  return line === text ? bytes : Buffer.from(line, "latin1");
}
