// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";
import { Random } from "../../testkit/random.ts";
import { TcpProxy } from "../../testkit/tcp-proxy.ts";
import { type FaultKind, injectFault } from "./fault.ts";
import type { Fixture } from "./fixture.ts";
import { SelfPublisher, type Totals } from "./self-publisher.ts";

/** The results of a link. */
export interface LinkResult extends Totals {
  readonly subject: string;
  readonly kinds: readonly FaultKind[];
  /** Connections that were open and dead: the client did not notice, or left them without closing them. */
  readonly zombies: number;
  readonly broken: readonly string[];
}

/** Injects faults into one client's link to the server. The client must recover from each before the next. */
export async function runLink(
  { port, options }: Fixture,
  subject: string,
  faults: number,
  seed: number,
): Promise<LinkResult> {
  const random = new Random(seed);
  const proxy = await TcpProxy.open(port);
  const client = await connect({
    servers: `nats://127.0.0.1:${proxy.port}`,
    pingInterval: 30,
    maxPingOut: 2,
    timeout: 300,
    reconnectTimeWait: 5,
    maxReconnectTimeWait: 20,
    maxReconnectAttempts: -1,
    ...options,
  });
  const publisher = new SelfPublisher(client, subject);
  const kinds: FaultKind[] = [];
  let zombies = 0;
  try {
    await publisher.settled();
    while (kinds.length < faults && publisher.broken.length === 0 && zombies === 0) {
      kinds.push(await injectFault(proxy, random));
      await publisher.settled();
      zombies += await proxy.clear();
      if (zombies > 0) {
        const fault = `fault ${kinds.length} (${kinds.at(-1)})`;
        publisher.broken.push(`${subject}: the client left a connection open after ${fault}`);
      }
    }
    publisher.stop();
    await publisher.settled();
    publisher.checkStats();
  } catch (error) {
    zombies++;
    publisher.broken.push(String(error));
  } finally {
    publisher.stop();
    await client.close();
    await proxy.close();
  }
  return { ...publisher.totals, subject, kinds, zombies, broken: publisher.broken };
}
