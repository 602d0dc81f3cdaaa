// SPDX-License-Identifier: Apache-2.0
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { toNatsConnection } from "@natswire/nats-js";
import { type Connection, connect } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../testkit/nats-server.ts";
import type { ClientRow } from "../src/client/compare.ts";
import { connections, throughModules } from "../src/client/jetstream.ts";
import { isJetStream, JETSTREAM_WAYS, loads } from "../src/client/loads.ts";
import { keyName, streamOf } from "../src/client/names.ts";
import { clientTable } from "../src/client/report.ts";
import { streamFor } from "../src/client/stream.ts";
import { gateOf } from "../src/gates.ts";

const jetStreamLoads = loads.filter(({ work }) => isJetStream(work));

describe("the loads of JetStream", () => {
  it("have a gate on Node", () => {
    expect(jetStreamLoads.map(({ name }) => gateOf(name, "node"))).toEqual([2, 2.5, 1.6]);
  });

  it("share their messages equally, also in a quick race", () => {
    for (const { messages } of jetStreamLoads)
      for (const ways of Object.values(JETSTREAM_WAYS)) expect((messages / 4) % ways).toBe(0);
  });
});

describe.each(["natswire", "official"])("the rounds of JetStream on %s", (name) => {
  const payload = new Uint8Array(16).fill(0x78);
  let server: RealServer;
  let other: Connection;
  let nc: NatsConnection;
  beforeAll(async () => {
    server = await startJetStreamServer();
    const servers = `nats://127.0.0.1:${server.port}`;
    other = await connect({ servers });
    nc = await connections[name]!(servers);
  });
  afterAll(async () => {
    await Promise.all([other.close(), nc.close()]);
    await server.stop();
  });

  it("store every message of an empty stream", async () => {
    const stream = await streamFor("store", other, "orders.a", 16);
    const round = await throughModules(nc, "store", "orders.a", payload);
    for (let i = 0; i < 2; i++) {
      await stream.prepare!(1000);
      await round(1000);
      await stream.check!(1000);
    }
    await expect(stream.check!(2000)).rejects.toThrow("1000 messages are stored, expected 2000");
  });

  it("consume and acknowledge every message", async () => {
    const stream = await streamFor("consume", other, "orders.b", 16);
    const round = await throughModules(nc, "consume", "orders.b", payload);
    for (let i = 0; i < 2; i++) {
      await stream.prepare!(300);
      await round(300);
      await stream.check!(300);
    }
  });

  it("fail after a message of another size", async () => {
    const stream = await streamFor("consume", other, "orders.c", 8);
    const round = await throughModules(nc, "consume", "orders.c", payload);
    await stream.prepare!(10);
    await expect(round(10)).rejects.toThrow("received bytes of 5 messages, expected 10");
  });

  it("read the value of every key, and fail after another value", async () => {
    await streamFor("get", other, "orders.d", 16);
    const round = await throughModules(nc, "get", "orders.d", payload);
    await round(1000);
    await (await new Kvm(toNatsConnection(other)).create(streamOf("orders.d"))).put(keyName(7), "another value");
    await expect(round(1000)).rejects.toThrow("read the right value of 999 messages, expected 1000");
  });
});

describe("the table of clients", () => {
  it("has a column for each client that raced", () => {
    const standing = { low: 2, high: 4, ns: 900 };
    const row: ClientRow = {
      load: "client JetStream publish",
      runtime: "node 20.0.0",
      gate: 3.5,
      standings: [
        { name: "official", ...standing, ns: 20_000, ratio: 1 },
        { name: "natswire", ...standing, ratio: 3 },
      ],
    };
    expect(clientTable([row]).split("\n")).toEqual([
      "| load | runtime | times less CPU than nats.js | natswire | nats.js |",
      "|---|---|---:|---:|---:|",
      "| JetStream publish | Node 20.0.0 | **3.0x** (gate 3.5) 2.0–4.0 | 900 ns | 20.0 µs |",
    ]);
  });
});
