// SPDX-License-Identifier: Apache-2.0
import { ServerCore } from "@natswire/server";
import type { Clock } from "../clock.ts";
import { random as systemRandom } from "../platform.ts";
import type { ServerOptions } from "./server-options.ts";

/**
 * Creates the core of an embedded server, with its modules and the time.
 *
 * @param wake called if a module wants the core to be called soon
 */
export function createCore(options: ServerOptions, clock: Clock, wake: () => void): ServerCore {
  const { authorize, jetstream, modules = [], random = systemRandom } = options;
  const core = new ServerCore(
    {
      ...options,
      random,
      authRequired: authorize !== undefined,
      authOptional: authorize?.isOptional === true,
      modules: jetstream === undefined ? modules : [jetstream, ...modules],
    },
    wake,
  );
  if (clock.wall !== undefined) core.wallClock(clock.wall(), clock.now());
  return core;
}
