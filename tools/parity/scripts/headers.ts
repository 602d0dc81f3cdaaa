// SPDX-License-Identifier: Apache-2.0
import { headers, quiet, type Theme } from "../src/script.ts";

const block = "NATS/1.0\r\n\r\n";
const large = `NATS/1.0\r\n${"name: 0123456789012345678901234567890123456789012345678901234567890123\r\n".repeat(1100)}\r\n`;
const foo = `${headers}SUB foo 1\r\n`;

/** Protocol sections 2.1, 3.6 and 4: HPUB, and what becomes of it for clients without headers. */
export const withHeaders: Theme = {
  about: "HPUB",
  scripts: {
    "delivers to its own connection": `${foo}HPUB foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "delivers a reply subject and an empty payload": `${foo}HPUB foo bar 12 12\r\n${block}\r\nPING\r\n`,
    "delivers several headers": `${foo}HPUB foo 27 29\r\nNATS/1.0\r\nA: b\r\nC: d e \r\n\r\nok\r\nPING\r\n`,
    "delivers a header three times, in upper and lower case": `${foo}HPUB foo 30 32\r\nNATS/1.0\r\nA: 1\r\nA: 2\r\na: 3\r\n\r\nok\r\nPING\r\n`,
    "delivers UTF-8 in a value": `${foo}HPUB foo 19 21\r\nNATS/1.0\r\nA: \xc3\xa9\r\n\r\nok\r\nPING\r\n`,
    "delivers a status": `${foo}HPUB foo 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPING\r\n`,
    "delivers a status and its description": `${foo}HPUB foo 28 28\r\nNATS/1.0 404 No Messages\r\n\r\n\r\nPING\r\n`,
    "is accepted in lower case": `${foo}hpub foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "is accepted with tabs between its fields and LF at its end": `${foo}HPUB\tfoo \t12\t14 \n${block}ok\r\nPING\r\n`,
    "is decoded in pieces that are cut in the headers": [
      ["a", `${foo}HPUB foo 12 14\r\nNATS/`, "more"],
      ["a", "1.0\r\n\r", "more"],
      ["a", "\nok\r\nPING\r\n"],
    ],
    "delivers MSG if the headers are empty": `${foo}HPUB foo 0 2\r\nok\r\nPING\r\n`,
    "delivers MSG if headers and payload are empty": `${foo}HPUB foo 0 0\r\n\r\nPING\r\n`,
    "accepts leading zeros in both sizes": `${foo}HPUB foo 0012 0014\r\n${block}ok\r\nPING\r\n`,
    "rejects a block without NATS/1.0": `${foo}HPUB foo 5 7\r\nabcdeok\r\nPING\r\n`,
    "delivers a block without its empty line": `${foo}HPUB foo 10 12\r\nNATS/1.0\r\nok\r\nPING\r\n`,
    "delivers a header without a colon": `${foo}HPUB foo 15 17\r\nNATS/1.0\r\nA\r\n\r\nok\r\nPING\r\n`,
    "delivers a status of one digit": `${foo}HPUB foo 16 18\r\nNATS/1.0 1 h\r\n\r\nok\r\nPING\r\n`,
    "delivers a status of letters": `${foo}HPUB foo 16 18\r\nNATS/1.0 abc\r\n\r\nok\r\nPING\r\n`,
    "delivers a value with a bare CR and LF": `${foo}HPUB foo 21 23\r\nNATS/1.0\r\nA: b\rc\n\r\nok\r\nPING\r\n`,
    "delivers text after the empty line": `${foo}HPUB foo 17 19\r\n${block}xx: yok\r\nPING\r\n`,
    "delivers a block of more than 64 KiB and 1,024 lines": [
      ["a", foo],
      ["a", `HPUB foo ${large.length} ${large.length + 2}\r\n${large}ok\r\nPING\r\n`],
    ],
    "delivers to a subject and a reply subject with wildcards": `${headers}SUB > 1\r\nHPUB $JS.API.CONSUMER.CREATE.S.c.orders.> in.* 12 14\r\n${block}ok\r\nPING\r\n`,
    "delivers a blank in a header's name": `${foo}HPUB foo 20 22\r\nNATS/1.0\r\nA B: c\r\n\r\nok\r\nPING\r\n`,
    "closes the connection if the headers exceed the total size": [["a", `${headers}HPUB foo 15 14\r\n`, "closed"]],
    "closes the connection if it has one size": [["a", `${headers}HPUB foo 12\r\n`, "closed"]],
    "closes the connection if it has five arguments": [["a", `${headers}HPUB foo bar baz 12 14\r\n`, "closed"]],
    "closes the connection if the header size is not a number": [["a", `${headers}HPUB foo x 14\r\n`, "closed"]],
    "closes the connection if the total size is not a number": [["a", `${headers}HPUB foo 12 x\r\n`, "closed"]],
    "closes the connection if the header size is negative": [["a", `${headers}HPUB foo -1 14\r\n`, "closed"]],
    "closes the connection if the total size has ten digits": [["a", `${headers}HPUB foo 12 0000000014\r\n`, "closed"]],
    "closes the connection if the payload ends in LF alone": [
      ["a", `${foo}HPUB foo 12 14\r\n${block}ok\nPING\r\n`, "closed"],
    ],
    "closes the connection of a client that does not set headers": `${quiet}SUB foo 1\r\nHPUB foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "closes the connection of a client that sets headers to false": `CONNECT {"headers":false}\r\nHPUB foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "delivers MSG to a client without headers": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}HPUB foo 12 14\r\n${block}ok\r\nPING\r\n`],
    ],
    "delivers MSG with the reply subject to a client without headers": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}HPUB foo bar 12 14\r\n${block}ok\r\nPING\r\n`],
    ],
    "delivers an empty MSG if a client without headers gets headers only": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}HPUB foo 12 12\r\n${block}\r\nPING\r\n`],
    ],
    "delivers to clients with and without headers": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}SUB foo 1\r\nPING\r\n`],
      ["c", `${headers}HPUB foo 12 14\r\n${block}ok\r\nPUB foo 2\r\nok\r\nPING\r\n`],
    ],
    "rejects a reply subject of service imports (_R_.)": `${foo}HPUB foo _R_.x 12 14\r\n${block}ok\r\nPING\r\n`,
    "rejects a subject of gateways (_GR_.)": `${foo}HPUB _GR_.x 12 14\r\n${block}ok\r\nPING\r\n`,
  },
};
