// SPDX-License-Identifier: Apache-2.0
import { beforeEach } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import {
  type Connection,
  type ConnectionOptions,
  connectWith,
  pipe,
  type Server,
  type ServerOptions,
  serveWith,
} from "../src/index.ts";

/** A network without sockets and the server on it that clients go to, anew for each test. */
export const network: { pipe: ReturnType<typeof pipe>; server: Server } = {} as typeof network;

export async function serve(options: ServerOptions = {}): Promise<Server> {
  return closing(await serveWith(network.pipe.listen, options));
}

export async function connect(options: ConnectionOptions = {}): Promise<Connection> {
  const servers = `nats://127.0.0.1:${network.server.port}`;
  return closing(await connectWith(network.pipe.dial, { servers, ...options }));
}

beforeEach(async () => {
  network.pipe = pipe();
  network.server = await serve();
});
