// SPDX-License-Identifier: Apache-2.0
import { headers, quiet, type Theme } from "../src/script.ts";

const block = "NATS/1.0\r\n\r\n";
const foo = `${headers}SUB foo 1\r\n`;

/** Protocol sections 2.1, 3.6 and 4: HPUB, and what becomes of it for clients without headers. */
export const withHeaders: Theme = {
  about: "HPUB",
  scripts: {
    "to oneself": `${foo}HPUB foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "with a reply subject and no payload": `${foo}HPUB foo bar 12 12\r\n${block}\r\nPING\r\n`,
    "some headers": `${foo}HPUB foo 30 32\r\nNATS/1.0\r\nA: b\r\nC: d e \r\n\r\nok\r\nPING\r\n`.replace(
      "30 32",
      "28 30",
    ),
    "a header twice, in upper and lower case": `${foo}HPUB foo 30 32\r\nNATS/1.0\r\nA: 1\r\nA: 2\r\na: 3\r\n\r\nok\r\nPING\r\n`,
    "UTF-8 in a value": `${foo}HPUB foo 19 21\r\nNATS/1.0\r\nA: \xc3\xa9\r\n\r\nok\r\nPING\r\n`,
    "a status": `${foo}HPUB foo 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPING\r\n`,
    "a status and its description": `${foo}HPUB foo 28 28\r\nNATS/1.0 404 No Messages\r\n\r\n\r\nPING\r\n`,
    "in lower case": `${foo}hpub foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "tabs and LF": `${foo}HPUB\tfoo \t12\t14 \n${block}ok\r\nPING\r\n`,
    "cut in its headers": [
      ["a", `${foo}HPUB foo 12 14\r\nNATS/`, "more"],
      ["a", "1.0\r\n\r", "more"],
      ["a", "\nok\r\nPING\r\n"],
    ],
    "no headers: it comes as MSG": `${foo}HPUB foo 0 2\r\nok\r\nPING\r\n`,
    "nothing at all": `${foo}HPUB foo 0 0\r\n\r\nPING\r\n`,
    "zeros before both sizes": `${foo}HPUB foo 0012 0014\r\n${block}ok\r\nPING\r\n`,
    "a block that is none": `${foo}HPUB foo 5 7\r\nabcdeok\r\nPING\r\n`,
    "a block without its empty line": `${foo}HPUB foo 10 12\r\nNATS/1.0\r\nok\r\nPING\r\n`,
    "a header without a colon": `${foo}HPUB foo 15 17\r\nNATS/1.0\r\nA\r\n\r\nok\r\nPING\r\n`,
    "a blank in a header's name": `${foo}HPUB foo 20 22\r\nNATS/1.0\r\nA B: c\r\n\r\nok\r\nPING\r\n`,
    "more headers than bytes": [["a", `${headers}HPUB foo 15 14\r\n`, "closed"]],
    "one size": [["a", `${headers}HPUB foo 12\r\n`, "closed"]],
    "five arguments": [["a", `${headers}HPUB foo bar baz 12 14\r\n`, "closed"]],
    "a size of the headers that is none": [["a", `${headers}HPUB foo x 14\r\n`, "closed"]],
    "a size that is none": [["a", `${headers}HPUB foo 12 x\r\n`, "closed"]],
    "a negative size": [["a", `${headers}HPUB foo -1 14\r\n`, "closed"]],
    "a size of ten digits": [["a", `${headers}HPUB foo 12 0000000014\r\n`, "closed"]],
    "a payload that ends in LF alone": [["a", `${foo}HPUB foo 12 14\r\n${block}ok\nPING\r\n`, "closed"]],
    "from a client without headers": `${quiet}SUB foo 1\r\nHPUB foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "from a client that says headers false": `CONNECT {"headers":false}\r\nHPUB foo 12 14\r\n${block}ok\r\nPING\r\n`,
    "to a client without headers: they are cut off": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}HPUB foo 12 14\r\n${block}ok\r\nPING\r\n`],
    ],
    "to a client without headers: with a reply subject": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}HPUB foo bar 12 14\r\n${block}ok\r\nPING\r\n`],
    ],
    "to a client without headers: nothing but headers": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}HPUB foo 12 12\r\n${block}\r\nPING\r\n`],
    ],
    "to clients with and without headers": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${headers}SUB foo 1\r\nPING\r\n`],
      ["c", `${headers}HPUB foo 12 14\r\n${block}ok\r\nPUB foo 2\r\nok\r\nPING\r\n`],
    ],
    "a reply subject that only service imports use": `${foo}HPUB foo _R_.x 12 14\r\n${block}ok\r\nPING\r\n`,
    "a subject that only gateways use": `${foo}HPUB _GR_.x 12 14\r\n${block}ok\r\nPING\r\n`,
  },
};
