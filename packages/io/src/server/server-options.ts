// SPDX-License-Identifier: Apache-2.0
import { type Options, UsageError } from "@natswire/codec";
import { type Authorizer, checkConfig, defaults, type ServerConfig, type ServerModule } from "@natswire/server";
import { badValue } from "../bad-field.ts";
import { type Clock, checkClock } from "../clock.ts";
import { checkFunction, checkOptions } from "../options.ts";
import type { ListenAddress } from "../transport/transport.ts";
import type { ServerHooks } from "./server-driver.ts";

/** Options of a server: its address, its limits, who may connect, and what a test records and controls. */
export interface ServerOptions extends Options<Omit<ServerConfig, "authRequired" | "authOptional">>, ServerHooks {
  /** The address to listen on, which INFO names too; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** The port to listen on, which INFO names too; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Accepts or denies each client by its CONNECT; by default every client is accepted. A throw denies. */
  readonly authorize?: Authorizer | undefined;
  /** JetStream in memory: `jetstream()` of `@natswire/jetstream-server`. None by default. */
  readonly jetstream?: ServerModule | undefined;
  /** Keeps a transcript of every frame. It grows for as long as the server runs; false by default. */
  readonly record?: boolean | undefined;
  /** The clock for every timeout of the protocol: a `VirtualClock` in tests; the machine's clock by default. */
  readonly clock?: Clock | undefined;
}

const hooks: readonly (keyof ServerHooks)[] = ["opened", "closed", "handshakeFailed", "failed"];

/** Every option of a server on any transport; an adapter adds its own. */
export const serverOptions: readonly string[] = [
  ...Object.keys(defaults).filter((name) => name !== "authRequired" && name !== "authOptional"),
  ...["random", "authorize", "jetstream", "record", "clock", ...hooks],
];

/**
 * Checks the options of a server.
 *
 * @throws UsageError BAD_FIELD if one is unknown or not valid
 */
export function checkServerOptions(options: ServerOptions): void {
  checkOptions(options, serverOptions);
  for (const name of ["authorize", ...hooks] as const) checkFunction(name, options[name]);
  if (typeof (options.record ?? true) !== "boolean") throw badValue("record", "true or false", options.record);
  checkClock(options.clock);
  if (options.jetstream !== undefined && typeof options.jetstream?.poll !== "function")
    throw badValue("jetstream", "what jetstream() of @natswire/jetstream-server returns", options.jetstream);
  checkConfig(options);
}

/**
 * Returns the address to listen on.
 *
 * @throws UsageError BAD_FIELD if it is not valid
 */
export function addressOf(given: Options<ListenAddress>): ListenAddress {
  if (typeof given !== "object" || given === null) throw badValue("the address", "{ host, port }", given);
  const { host = "127.0.0.1", port = 0 } = given;
  // A variable that is not set is often read as an empty string.
  if (host === "") throw new UsageError("BAD_FIELD", 'host must be an address, not ""');
  checkConfig({ host, port });
  return { host, port };
}
