// SPDX-License-Identifier: Apache-2.0
// One suite for every adapter. It needs nothing of a runtime: a browser can play it as well.
import { doors } from "./suite/doors.ts";
import type { Cases } from "./suite/ground.ts";
import { load } from "./suite/load.ts";
import { loss } from "./suite/loss.ts";
import { messages } from "./suite/messages.ts";

export type { Ground, Places, SuiteOptions } from "./suite/ground.ts";

/** What every adapter promises, each by the sentence that states it. */
export const suite: Cases = { ...messages, ...load, ...loss, ...doors };
