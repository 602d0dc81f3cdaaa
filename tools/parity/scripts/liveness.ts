// SPDX-License-Identifier: Apache-2.0
import { LAME_DUCK, quiet, type Theme } from "../src/script.ts";

/** Protocol section 3.3, 6 and 7: the server's PINGs. */
export const liveness: Theme = {
  about: "PINGs each half second, two unanswered",
  ours: { pingInterval: 500, pingMax: 2 },
  real: 'ping_interval: "500ms"\nping_max: 2',
  alone: true,
  scripts: {
    "who never answers is cut off at the third": [
      ["a", quiet, "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
    "who never says CONNECT is cut off too": [
      ["a", "", "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
    "an answer counts for all": [
      ["a", quiet, "pinged"],
      ["a", "", "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
    "who answers stays": [
      ["a", quiet, "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "PONG\r\nPING\r\n"],
    ],
    "one PONG too much buys no time": [
      ["a", `${quiet}PONG\r\nPONG\r\nPONG\r\n`, "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
  },
};

/** Protocol section 3.3: which clients are notified of lame duck mode. */
export const lameDuck: Theme = {
  about: "a server that is about to go",
  alone: true,
  scripts: {
    "who understands it is told": [
      ["a", 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n'],
      ["b", 'CONNECT {"verbose":false,"protocol":0}\r\nSUB foo 1\r\nPING\r\n'],
      LAME_DUCK,
      ["a", "", "informed"],
      ["a", "PUB foo 2\r\nhi\r\nPING\r\n"],
    ],
  },
};
