// SPDX-License-Identifier: Apache-2.0
// One suite for every adapter. It needs nothing of a runtime: a browser can play it as well.
import { doors } from "./cases/auth.ts";
import type { Cases } from "./cases/environment.ts";
import { load } from "./cases/load.ts";
import { loss } from "./cases/loss.ts";
import { messages } from "./cases/messages.ts";

export type { Ground, Places, SuiteOptions } from "./cases/environment.ts";

/** What every adapter promises, each by the sentence that states it. */
export const suite: Cases = { ...messages, ...load, ...loss, ...doors };
