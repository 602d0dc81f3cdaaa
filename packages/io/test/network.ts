// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach } from "vitest";
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

const open: (Connection | Server)[] = [];

export async function serve(options: ServerOptions = {}): Promise<Server> {
  const one = await serveWith(network.pipe.listen, options);
  open.push(one);
  return one;
}

export async function connect(options: ConnectionOptions = {}): Promise<Connection> {
  const servers = `nats://127.0.0.1:${network.server.port}`;
  const one = await connectWith(network.pipe.dial, { servers, ...options });
  open.push(one);
  return one;
}

beforeEach(async () => {
  network.pipe = pipe();
  network.server = await serve();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
