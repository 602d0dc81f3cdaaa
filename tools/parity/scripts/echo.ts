// SPDX-License-Identifier: Apache-2.0
import { noEcho, quiet, type Theme } from "../src/script.ts";

/** Protocol section 3.6: `echo`. */
export const echo: Theme = {
  about: "echo",
  scripts: {
    "is off for a client's own messages if echo is false": `${noEcho}SUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "does not affect messages of other connections": [
      ["a", `${noEcho}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PUB foo 1\r\na\r\nPING\r\n`],
    ],
    "does not affect a client's messages to other connections": [
      ["a", `${noEcho}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["a", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
    "is off for every subscription of the client": `${noEcho}SUB foo 1\r\nSUB > 2\r\nSUB foo q 3\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "is on if echo is true": 'CONNECT {"verbose":false,"echo":true}\r\nSUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n',
    "is off for a verbose client, which receives +OK only":
      'CONNECT {"echo":false}\r\nSUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n',
  },
};
