// SPDX-License-Identifier: Apache-2.0
import { type ServeOptions, type Server, serve } from "@natswire/node";
import { type RealServer, startNatsServer } from "./nats-server.ts";

/** The same setting twice: how ours is told, and how the real one is. */
export interface Setting {
  readonly options?: ServeOptions;
  readonly config?: string;
  /** A free one where left out. */
  readonly port?: number;
}

/** A server of either kind. */
export interface Opened {
  readonly port: number;
  /** Tells its clients that it is about to go. */
  lameDuck(): void;
  close(): Promise<void>;
}

/** Ours, and the real one that shows that the tests are right. */
export const kinds: readonly [name: string, open: (setting?: Setting) => Promise<Opened>][] = [
  ["the embedded server", async ({ options, port = 0 } = {}) => ours(await serve({ port, ...options }))],
  ["a real nats-server", async ({ config = "", port = -1 } = {}) => real(await startNatsServer(config, port))],
];

function ours(server: Server): Opened {
  return { port: server.port, lameDuck: () => void server.lameDuck(), close: () => server.close() };
}

function real(server: RealServer): Opened {
  return { port: server.port, lameDuck: () => server.lameDuck(), close: () => server.stop() };
}
