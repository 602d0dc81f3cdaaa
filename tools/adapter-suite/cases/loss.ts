// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/io";
import { equal, rejects, withConnection } from "./checks.ts";
import type { Cases } from "./environment.ts";

/** Lost and refused connections. */
export const loss: Cases = {
  "reconnects after a restart, with subscriptions and buffered messages": (on) =>
    withConnection(on, (connection) => reconnects(connection, () => on.restart())),

  "reconnects after a reset": async (on) => {
    const proxy = await on.openProxy();
    await withConnection(on, (connection) => reconnects(connection, () => proxy.reset()), { servers: proxy.url });
  },

  "reports a refused connection": (on) => rejects(on.connect({ servers: on.closed, reconnect: false }), "REFUSED"),

  "reports a server that does not answer in time": (on) =>
    rejects(on.connect({ servers: on.silent, reconnect: false, timeout: 200 }), "TIMEOUT"),
};

async function reconnects(connection: Connection, lose: () => Promise<void>): Promise<void> {
  const status = connection.status();
  const messages = connection.subscribe("again")[Symbol.asyncIterator]();
  await connection.flush();
  const lost = lose();
  equal((await status.next()).value?.type, "disconnect");
  connection.publish("again", "kept");
  await lost;
  equal((await messages.next()).value?.text(), "kept");
  equal(connection.stats.reconnects, 1);
}
