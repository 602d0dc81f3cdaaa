// SPDX-License-Identifier: Apache-2.0
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { errors } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { connected, type ModuleConnection } from "./clients.ts";

// The user ann may do everything, bob almost nothing.
const config = `
authorization {
  users: [
    { user: ann, password: a }
    { user: bob, password: b, permissions: {
      publish: { deny: ["denied.>", "$JS.API.STREAM.CREATE.>", "$KV.>", "$O.>", "$JS.ACK.>"] }
      subscribe: { deny: ["denied.>", "$SRV.>"] }
    } }
  ]
}`;

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer(config);
});
afterAll(() => server.stop());

const ann = () => connected("natswire", server.port, { user: "ann", pass: "a" });
const bob = () => connected("natswire", server.port, { user: "bob", pass: "b" });

/** Resolves with the error of a request that the server denies: not with a timeout. */
async function denied(asked: Promise<unknown>): Promise<unknown> {
  const error = await asked.then(
    () => new Error("permitted"),
    (error) => error,
  );
  expect(error).toBeInstanceOf(errors.RequestError);
  expect(error.cause).toBeInstanceOf(errors.PermissionViolationError);
  return error.cause.subject;
}

async function stream(nc: ModuleConnection): Promise<void> {
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: "S", subjects: ["s.>", "denied.s"] });
  await manager.consumers.add("S", { durable_name: "desk", ack_policy: AckPolicy.Explicit });
  await jetstream(nc).publish("s.a", "1");
}

describe("a user without permission", () => {
  it("ends a subscription: its callback, its loop and closed", async () => {
    const nc = await bob();
    const seen: unknown[] = [];
    const called = nc.subscribe("denied.a", { queue: "q", callback: (error) => void seen.push(error) });
    const iterated = nc.subscribe("denied.b");
    const loop = (async () => {
      for await (const _ of iterated);
    })();
    await expect(loop).rejects.toThrow(errors.PermissionViolationError);
    expect(await called.closed).toMatchObject({ operation: "subscription", subject: "denied.a", queue: "q" });
    expect(await iterated.closed).toBeInstanceOf(errors.PermissionViolationError);
    expect([seen, called.isClosed()]).toEqual([[await called.closed], true]);
    nc.subscribe("allowed", { callback: (_, message) => void message.respond("yes") });
    expect((await nc.request("allowed")).string()).toBe("yes");
  });

  it("ends a request at once, with its subject", async () => {
    const nc = await bob();
    expect(await denied(nc.request("denied.a", "", { timeout: 60_000 }))).toBe("denied.a");
    expect(await denied(nc.request("denied.a", "", { timeout: 60_000, noMux: true }))).toBe("denied.a");
    const many = await nc.requestMany("denied.a", "", { maxWait: 60_000 });
    await expect(many[Symbol.asyncIterator]().next()).rejects.toThrow(errors.PermissionViolationError);
  });

  it("ends what JetStream, Key-Value and Object Store ask", async () => {
    await stream(await ann());
    const [admin, nc] = [await ann(), await bob()];
    const manager = await jetstreamManager(nc);
    expect(await denied(manager.streams.add({ name: "T", subjects: ["t"] }))).toBe("$JS.API.STREAM.CREATE.T");
    expect(await denied(jetstream(nc).publish("denied.s", ""))).toBe("denied.s");
    await new Kvm(admin).create("kv");
    expect(await denied(new Kvm(nc).open("kv").then((kv) => kv.put("a", "1")))).toBe("$KV.kv.a");
    await new Objm(admin).create("o");
    const put = new Objm(nc).open("o").then((store) => store.putBlob({ name: "a" }, new Uint8Array(10)));
    expect(await denied(put)).toMatch(/^\$O\.o\.C\./);
  });

  it("rejects ackAck() at once", async () => {
    const consumer = await jetstream(await bob()).consumers.get("S", "desk");
    const message = (await consumer.next({ expires: 2000 }))!;
    const subject = expect.stringMatching(/^\$JS\.ACK\.S\.desk\./);
    await expect(message.ackAck({ timeout: 60_000 })).rejects.toMatchObject({
      cause: { operation: "publish", subject },
    });
  });

  it("stops a service that may not subscribe", async () => {
    const service = await new Svcm((await bob()) as never).add({ name: "s", version: "1.0.0" });
    expect(String(await service.stopped)).toMatch(/PermissionViolationError|required subscription/);
  });
});
