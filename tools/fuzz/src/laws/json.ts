// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../../../packages/fuzz/src/escape.ts";
import type { Codec } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import { decoderLaws } from "./decoder.ts";

const lineEnd = latin1("\r\n");

/** Returns the laws of the decoder, for any argument of INFO and CONNECT. */
export function jsonLaws(codec: Codec): (input: Uint8Array) => void {
  const info = decoderLaws(codec, "server");
  const connect = decoderLaws(codec, "client");
  return (input) => {
    info(concat([latin1("INFO "), input, lineEnd]));
    connect(concat([latin1("CONNECT "), input, lineEnd]));
  };
}
