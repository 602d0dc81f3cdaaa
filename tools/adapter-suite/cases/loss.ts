// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/io";
import { during, fails, same } from "./checks.ts";
import type { Cases } from "./environment.ts";

/** What becomes of a client whose server goes, or is not there. */
export const loss: Cases = {
  "finds its server again that was killed, subscriptions and what was published meanwhile included": (on) =>
    during(on, (one) => comesBack(one, () => on.restart())),

  "finds its server again behind a reset": (on) =>
    during(on, (one) => comesBack(one, () => on.reset()), { servers: on.resettable }),

  "says so where nobody listens": (on) => fails(on.connect({ servers: on.nowhere, reconnect: false }), "REFUSED"),

  "says so where nobody answers in time": (on) =>
    fails(on.connect({ servers: on.silent, reconnect: false, timeout: 200 }), "TIMEOUT"),
};

async function comesBack(one: Connection, lose: () => Promise<void>): Promise<void> {
  const status = one.status();
  const messages = one.subscribe("again")[Symbol.asyncIterator]();
  await one.flush();
  const lost = lose();
  same((await status.next()).value?.type, "disconnect");
  one.publish("again", "kept");
  await lost;
  same((await messages.next()).value?.text(), "kept");
  same(one.stats.reconnects, 1);
}
