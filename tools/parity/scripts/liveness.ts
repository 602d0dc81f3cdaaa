// SPDX-License-Identifier: Apache-2.0
import { LAME_DUCK, quiet, type Theme } from "../src/script.ts";

/** Protocol section 3.3, 6 and 7: the server's PINGs. */
export const liveness: Theme = {
  about: "liveness (PING every 500 ms, at most 2 unanswered)",
  ours: { pingInterval: 500, pingMax: 2 },
  real: 'ping_interval: "500ms"\nping_max: 2',
  alone: true,
  scripts: {
    "closes a client that answers no PING": [
      ["a", quiet, "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
    "closes a client that sends no CONNECT and answers no PING": [
      ["a", "", "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
    "resets the count of unanswered PINGs after one PONG": [
      ["a", quiet, "pinged"],
      ["a", "", "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
    "keeps a client that answers every PING": [
      ["a", quiet, "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "PONG\r\n", "pinged"],
      ["a", "PONG\r\nPING\r\n"],
    ],
    "does not count PONGs that precede a PING": [
      ["a", `${quiet}PONG\r\nPONG\r\nPONG\r\n`, "pinged"],
      ["a", "", "pinged"],
      ["a", "", "closed"],
    ],
  },
};

/** Protocol section 3.3: which clients are notified of lame duck mode. */
export const lameDuck: Theme = {
  about: "lame duck mode",
  alone: true,
  scripts: {
    "sends INFO to clients with protocol 1, and continues to deliver": [
      ["a", 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n'],
      ["b", 'CONNECT {"verbose":false,"protocol":0}\r\nSUB foo 1\r\nPING\r\n'],
      LAME_DUCK,
      ["a", "", "informed"],
      ["a", "PUB foo 2\r\nhi\r\nPING\r\n"],
    ],
  },
};
