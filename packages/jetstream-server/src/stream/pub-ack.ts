// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "@natswire/codec";
import type { ApiFailure } from "../api/api-failure.ts";
import { jsonBytes } from "../bytes.ts";

/** Writes the answers to what is published to a stream. Those to stored messages are put together from text: they are frequent. */
export class PubAcks {
  readonly #stream: string;
  readonly #start: string;

  constructor(stream: string) {
    this.#stream = stream;
    this.#start = `{"stream":${JSON.stringify(stream)}, "seq":`;
  }

  stored(sequence: number): Uint8Array {
    return utf8.encode(`${this.#start}${sequence}}`);
  }

  duplicate(sequence: number): Uint8Array {
    return utf8.encode(`${this.#start}${sequence},"duplicate": true}`);
  }

  failed({ body }: ApiFailure): Uint8Array {
    return jsonBytes({ error: body, stream: this.#stream, seq: 0 });
  }
}
