// SPDX-License-Identifier: Apache-2.0
// The test suite for adapters. It uses no runtime's own modules, so that a browser can run it as well.
import { auth } from "./cases/auth.ts";
import type { Cases } from "./cases/environment.ts";
import { load } from "./cases/load.ts";
import { loss } from "./cases/loss.ts";
import { messages } from "./cases/messages.ts";
import { transport } from "./cases/transport.ts";

export type {
  AdapterModule,
  ControlledProxy,
  Endpoints,
  Environment,
  SuiteOptions,
  SuiteTls,
} from "./cases/environment.ts";

/** What every adapter must do, by title. */
export const suite: Cases = { ...messages, ...load, ...loss, ...auth, ...transport };
