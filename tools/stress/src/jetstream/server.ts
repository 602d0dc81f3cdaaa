// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AckPolicy, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { type NatsConnection, nanos } from "@nats-io/nats-core";
import { type RealServer, startNatsServer } from "../../../testkit/nats-server.ts";
import { STREAM } from "./consumers.ts";
import { BUCKET } from "./key-value.ts";
import { consumers } from "./ledger.ts";

// Milliseconds. What is not acknowledged within ACK_WAIT is delivered again. A consumer that is this late is found before
// the stream forgets the message.
const ACK_WAIT = 5000;
const MAX_AGE = 600_000;

/** A nats-server that keeps its streams when it is killed. */
export class DurableServer {
  readonly #store = mkdtempSync(join(tmpdir(), "natswire-jetstream-"));
  #server: RealServer | undefined;
  port = -1;

  async start(): Promise<void> {
    this.#server = await startNatsServer(`jetstream { store_dir: "${this.#store}" }`, this.port);
    this.port = this.#server.port;
  }

  /** Ends it like `kill -9`. */
  async kill(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#store, { recursive: true, force: true });
  }
}

/** Creates the stream, its consumers and the bucket. */
export async function createStreams(nc: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: STREAM, subjects: [`${STREAM}.>`], max_age: nanos(MAX_AGE) });
  for (const durable_name of consumers)
    await manager.consumers.add(STREAM, {
      durable_name,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT),
      max_ack_pending: 1000,
    });
  await new Kvm(nc).create(BUCKET);
}

/** Returns the consumers that the server still waits for. */
export async function unacknowledged(nc: NatsConnection): Promise<string[]> {
  const manager = await jetstreamManager(nc);
  const infos = await Promise.all(consumers.map((name) => manager.consumers.info(STREAM, name)));
  return infos
    .filter(({ num_pending, num_ack_pending }) => num_pending + num_ack_pending > 0)
    .map((info) => `${info.name}: ${info.num_pending} not delivered, ${info.num_ack_pending} not acknowledged`);
}

type Values = ReadonlyMap<string, string>;

/** Returns the keys whose value differs between the server, the writer and the watcher. */
export async function differences(nc: NatsConnection, written: Values, watched: Values): Promise<string[]> {
  const kv = await new Kvm(nc).open(BUCKET);
  const different: string[] = [];
  for (const [key, value] of written) {
    const stored = (await kv.get(key))?.string();
    if (stored !== value || watched.get(key) !== value)
      different.push(`${key}: ${value} was put, ${stored} is stored, ${watched.get(key)} was watched`);
  }
  return different;
}
