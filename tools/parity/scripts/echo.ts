// SPDX-License-Identifier: Apache-2.0
import { noEcho, quiet, type Theme } from "../src/script.ts";

/** Protocol section 3.6: `echo`. */
export const echo: Theme = {
  about: "echo",
  scripts: {
    "one's own messages do not come back": `${noEcho}SUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "those of others come": [
      ["a", `${noEcho}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PUB foo 1\r\na\r\nPING\r\n`],
    ],
    "one's own come to others": [
      ["a", `${noEcho}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["a", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
    "it holds for every subscription": `${noEcho}SUB foo 1\r\nSUB > 2\r\nSUB foo q 3\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "echo true": 'CONNECT {"verbose":false,"echo":true}\r\nSUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n',
    "verbose, and nothing comes back": 'CONNECT {"echo":false}\r\nSUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n',
  },
};
