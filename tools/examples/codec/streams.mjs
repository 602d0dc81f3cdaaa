// SPDX-License-Identifier: Apache-2.0
// Decodes a stream: node streams.mjs < FILE
import { clientFrames } from "@natswire/codec";
import { frames } from "@natswire/codec/streams";

for await (const frame of frames(process.stdin, clientFrames)) console.log(frame);
