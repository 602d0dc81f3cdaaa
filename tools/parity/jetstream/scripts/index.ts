// SPDX-License-Identifier: Apache-2.0
import type { Theme } from "../script.ts";
import { acknowledgements } from "./acknowledge.ts";
import { account, advisories, buckets, objectStores, workers } from "./clients.ts";
import { consumerCreate } from "./consumer-create.ts";
import { consumerInfos } from "./consumer-info.ts";
import { copies } from "./copies.ts";
import { deliverPolicies } from "./deliver-policy.ts";
import { directGet } from "./direct-get.ts";
import { limits } from "./limits.ts";
import { messages } from "./messages.ts";
import { priorityGroups } from "./priority-group.ts";
import { publishing } from "./publish.ts";
import { pulls } from "./pull.ts";
import { pushes } from "./push.ts";
import { streamCreate } from "./stream-create.ts";
import { streamInfos } from "./stream-info.ts";
import { streamUpdate } from "./stream-update.ts";

/** All of them; a script is named `theme: title`. */
export const themes: readonly Theme[] = [
  streamCreate,
  streamUpdate,
  streamInfos,
  messages,
  directGet,
  publishing,
  limits,
  copies,
  consumerCreate,
  consumerInfos,
  pulls,
  deliverPolicies,
  priorityGroups,
  acknowledgements,
  pushes,
  buckets,
  objectStores,
  advisories,
  account,
  workers,
];
