// SPDX-License-Identifier: Apache-2.0
import type { Theme } from "../src/script.ts";
import { authTimeout, withGuests, withQueues, withResponses, withToken, withUsers } from "./auth.ts";
import { echo } from "./echo.ts";
import { handshake } from "./handshake.ts";
import { withHeaders } from "./headers.ts";
import { maxConnections, maxControlLine, maxPayload, maxSubscriptions, maxTokens, usualControlLine } from "./limits.ts";
import { lines } from "./lines.ts";
import { lameDuck, liveness } from "./liveness.ts";
import { noResponders } from "./no-responders.ts";
import { publish } from "./publish.ts";
import { queue } from "./queue.ts";
import { subscribe } from "./subscribe.ts";
import { unsubscribe } from "./unsubscribe.ts";
import { acknowledgements } from "./verbose.ts";
import { versions } from "./versions.ts";
import { wildcards } from "./wildcards.ts";

/** All of them; a script is named `theme: sentence`. */
export const themes: readonly Theme[] = [
  handshake,
  lines,
  publish,
  subscribe,
  wildcards,
  unsubscribe,
  queue,
  echo,
  acknowledgements,
  withHeaders,
  noResponders,
  maxPayload,
  maxControlLine,
  usualControlLine,
  maxSubscriptions,
  maxTokens,
  maxConnections,
  withToken,
  authTimeout,
  withUsers,
  withQueues,
  withResponses,
  withGuests,
  liveness,
  lameDuck,
  versions,
];
