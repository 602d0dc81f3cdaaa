// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual as same } from "node:util";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { clientFrames, type Grammar, serverFrames } from "../src/index.ts";
import { read } from "./reading.ts";

const lines = {
  server: [
    "PING\r\n",
    "PONG \t \n",
    "PINGx\r\n",
    "PING \rx",
    "+OK\r\r\n",
    "P",
    "PIx",
    "+O",
    "-ERR 'x'\r\n",
    "-ERR\r\n",
    "INFO {}\r\n",
    'INFO {"a":1} \n',
    "INFOx",
    "IN",
    "Ix",
    "MSG a 1 2\r\nhi\r\n",
    "MSG a 1 2\nhi\r\n",
    "MSG a\rb 1 0\r\n\r\n",
    "MSG a 1 r 0\r\r\n",
    "HMSG a 1 0 2\r\nhi\r\nPING\r\n",
    "HMSG a 1",
    "MSG  \t a  1 \t 1 \r\nx\r\n",
  ],
  client: [
    "PUB a 2\r\nhi\r\nPUB a 2\r\nhi\r\n",
    "HPUB a r 0 2\r\nhi\r\n",
    "SUB a 1\r\n",
    "SUB a\r b 1\r\n",
    "SUB\r\n",
    "UNSUB 1 5\n",
    "UNSUB 1",
    "CONNECT {}\r\n",
    "CONNECTx",
    "UNSUx",
    "C",
  ],
};

describe("Limits", () => {
  const grammars = { server: serverFrames as Grammar<unknown>, client: clientFrames as Grammar<unknown> };
  const cases = (["server", "client"] as const).flatMap((from) => lines[from].map((line) => [from, line] as const));
  it.each(cases)("decide at the exact byte for a %s that sends %j", (from, line) => {
    const bytes = latin1(line);
    const bytewise = Array.from(bytes, (byte) => Uint8Array.of(byte));
    for (let most = 0; most <= line.length + 1; most++) {
      for (const info of from === "server" ? [0, most, line.length + 1] : [most]) {
        for (const strictLineEnd of [false, true]) {
          const limits = { line: most, info, strictLineEnd };
          const { frames, fault, rest } = oracle(bytes, from, limits);
          for (const chunks of [[bytes], bytewise]) {
            expect(same(read(chunks, grammars[from], limits), { frames, fault, rest }), JSON.stringify(limits)).toBe(
              true,
            );
          }
        }
      }
    }
  });

  it.each([0, 1, 2, 3])("decide for a payload of two bytes at a limit of %i", (payload) => {
    for (const line of ["MSG a 1 2\r\nhi\r\n", "HMSG a 1 2 2\r\nhi\r\n", "MSG a 1 b 02\nhi\r\n"]) {
      const bytes = latin1(line);
      const { frames, fault, rest } = oracle(bytes, "server", { payload });
      expect(same(read([bytes], grammars.server, { payload }), { frames, fault, rest })).toBe(true);
      expect(frames.length).toBe(payload < 2 ? 0 : 1);
    }
  });
});
