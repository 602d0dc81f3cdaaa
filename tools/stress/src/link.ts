// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";
import { Random } from "../../testkit/random.ts";
import { befall, type Kind } from "./fault.ts";
import type { Site } from "./fixture.ts";
import { TcpProxy } from "./proxy.ts";
import { type Sums, Talker } from "./self-publisher.ts";

/** What became of a lane. */
export interface Outcome extends Sums {
  readonly subject: string;
  readonly kinds: readonly Kind[];
  /** Connections that were open and dead: the client did not notice, or left them and kept them open. */
  readonly zombies: number;
  readonly broken: readonly string[];
}

/** One talker behind a proxy, and one fault after the other: each time it must find its way back before the next. */
export async function lane({ port, options }: Site, subject: string, faults: number, seed: number): Promise<Outcome> {
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
  const talker = new Talker(client, subject);
  const kinds: Kind[] = [];
  let zombies = 0;
  try {
    await talker.settled();
    while (kinds.length < faults && talker.broken.length === 0 && zombies === 0) {
      kinds.push(await befall(proxy, random));
      await talker.settled();
      zombies += await proxy.clear();
      if (zombies > 0)
        talker.broken.push(`${subject}: left, and kept open, behind fault ${kinds.length}, ${kinds.at(-1)}`);
    }
    talker.stop();
    await talker.settled();
    talker.compare();
  } catch (error) {
    zombies++;
    talker.broken.push(String(error));
  } finally {
    talker.stop();
    await client.close();
    await proxy.close();
  }
  return { ...talker.sums, subject, kinds, zombies, broken: talker.broken };
}
