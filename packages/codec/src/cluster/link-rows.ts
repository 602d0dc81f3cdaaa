// SPDX-License-Identifier: Apache-2.0
import type { Row } from "../grammar/row.ts";
import { type Limits, serverFrameLimits } from "../limits.ts";

// 65,536 bytes of arguments, as nats-server reads on links with its default `max_control_line`, after the longest verb.
const LONGEST_LINE = 65_536 + "CONNECT ".length;

/** The limits of all links. */
export const linkLimits: Limits = /* @__PURE__ */ (() => ({ ...serverFrameLimits, line: LONGEST_LINE }))();

/** The verbs that every link has. */
export type LinkWord = "INFO" | "CONNECT" | "PING" | "PONG" | "+OK" | "-ERR" | "A+" | "A-";

/** The rows of these verbs. */
export const linkRows: readonly Row[] = [
  { word: "INFO", line: "json", limit: "info" },
  { word: "CONNECT", line: "json" },
  { word: "PING", line: "" },
  { word: "PONG", line: "" },
  { word: "+OK", line: "" },
  { word: "-ERR", line: "text" },
  { word: "A+", line: "account" },
  { word: "A-", line: "account" },
];
