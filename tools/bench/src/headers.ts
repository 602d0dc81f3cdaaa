// SPDX-License-Identifier: Apache-2.0
import { MsgHdrsImpl } from "@nats-io/nats-core/internal";
import type { Codec } from "./parse.ts";
import { BATCH } from "./publish.ts";
import type { Contestant } from "./race.ts";

const block = new TextEncoder().encode(
  "NATS/1.0\r\nNats-Msg-Id: 0123456789\r\nContent-Type: application/json\r\ntraceparent: 00-4bf92f3577b34da6\r\n\r\n",
);

/** Returns the contestants that decode a block of three headers and read one. */
export function readHeaders({ decodeHeaders }: Codec): Contestant[] {
  return [
    {
      name: "nats-core",
      run: () => {
        let sum = 0;
        for (let i = 0; i < BATCH; i++) sum += MsgHdrsImpl.decode(block).get("Content-Type").length;
        return sum;
      },
    },
    {
      name: "decodeHeaders",
      run: () => {
        let sum = 0;
        for (let i = 0; i < BATCH; i++) sum += decodeHeaders(block)!.get("Content-Type")!.length;
        return sum;
      },
    },
  ];
}
