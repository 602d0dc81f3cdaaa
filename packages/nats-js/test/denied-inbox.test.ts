// SPDX-License-Identifier: Apache-2.0
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { errors, type Status } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { connect as connectOfficial } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { clients, connected, listed, type ModuleConnection } from "./clients.ts";

// Modules subscribe to inboxes that end with their number: carl may not. dora may subscribe to her own inboxes only.
const config = `
authorization {
  users: [
    { user: ann, password: a }
    { user: bob, password: b, permissions: {
      publish: { deny: ["$JS.API.CONSUMER.MSG.NEXT.>", "$JS.ACK.>", "$SRV.>"] }
      subscribe: { deny: ["deliver.>"] }
    } }
    { user: carl, password: c, permissions: { subscribe: { deny: ["_INBOX.*.1"] } } }
    { user: dora, password: d, permissions: { subscribe: { allow: ["_DORA.>"] } } }
  ]
}`;

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer(config);
  const ann = await connectOfficial({ port: server.port, user: "ann", pass: "a" });
  const manager = await jetstreamManager(ann);
  await manager.streams.add({ name: "S", subjects: ["s.>"] });
  await manager.consumers.add("S", { durable_name: "pulled", ack_policy: AckPolicy.None });
  await manager.consumers.add("S", {
    durable_name: "pushed",
    ack_policy: AckPolicy.None,
    deliver_subject: "deliver.s",
  });
  await jetstream(ann).publish("s.a", "1");
  await (await new Kvm(ann).create("kv")).put("a", "1");
  await (await new Objm(ann).create("objects")).putBlob({ name: "a" }, new Uint8Array(10));
  await ann.close();
});
afterAll(() => server.stop());

/** Resolves to what the server denies: `subscription deliver.s`. */
async function denial(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => new Error("permitted"),
    (error) => error,
  );
  expect(error).toBeInstanceOf(errors.PermissionViolationError);
  return `${error.operation} ${error.subject}`;
}

async function deniedStatus(statuses: AsyncIterable<Status>): Promise<string> {
  for await (const status of statuses) if (status.type === "error") return denial(Promise.reject(status.error));
  throw new Error("no error");
}

describe.each(clients)("a user without permission on %s", (name) => {
  const open = (user: string) => connected(name, server.port, { user, pass: user[0]! });

  it("ends a push consumer with an error: its loop and its callback", async () => {
    const js = jetstream(await open("bob"));
    const push = () => js.consumers.getPushConsumer("S", "pushed");
    expect(await denial(listed(await (await push()).consume()))).toBe("subscription deliver.s");
    const messages = await (await push()).consume({ callback: () => {} });
    expect(await denial(messages.closed().then((error) => Promise.reject(error)))).toBe("subscription deliver.s");
  });

  it("gets a status for what has no answer: a pull, an acknowledgement", async () => {
    const nc = await open("bob");
    const pull = deniedStatus(nc.status());
    const messages = await (await jetstream(nc).consumers.get("S", "pulled")).consume({ callback: () => {} });
    expect(await pull).toBe("publish $JS.API.CONSUMER.MSG.NEXT.S.pulled");
    messages.stop();
    const ack = deniedStatus(nc.status());
    for await (const message of await (await jetstream(nc).consumers.getPushConsumer("S")).consume()) {
      message.ack();
      break;
    }
    expect(await ack).toMatch(/^publish \$JS\.ACK\.S\.oc_/);
  });

  it("ends a pull consumer, an ordered one, next and fetch with an error", async () => {
    const { consumers } = jetstream(await open("carl"));
    const inbox = expect.stringMatching(/^subscription _INBOX\.\w+\.1$/);
    const pulled = await consumers.get("S", "pulled");
    expect(await denial(listed(await pulled.consume()))).toEqual(inbox);
    expect(await denial(listed(await (await consumers.get("S")).consume()))).toEqual(inbox);
    expect(await denial(listed(await pulled.fetch()))).toEqual(inbox);
    expect(await denial(pulled.next())).toEqual(inbox);
    expect(await denial(listed(await (await consumers.getPushConsumer("S")).consume()))).toEqual(inbox);
  });

  it("ends watches, and the reading of an object", async () => {
    const nc = await open("carl");
    const kv = await new Kvm(nc).open("kv");
    // The modules end these without the error.
    expect(await listed(await kv.watch())).toEqual([]);
    expect(await listed(await kv.keys())).toEqual([]);
    expect(await listed(await kv.history())).toEqual([]);
    const objects = await new Objm(nc).open("objects");
    expect(await listed(await objects.watch())).toEqual([]);
    const { data, error } = (await objects.get("a"))!;
    expect(await denial(data.getReader().read())).toMatch(/^subscription _INBOX/);
    expect(await denial(error.then((error) => Promise.reject(error)))).toMatch(/^subscription _INBOX/);
  });

  it("cannot ask services", async () => {
    const client = new Svcm((await open("bob")) as never).client();
    await expect(client.ping().then(listed)).rejects.toThrow(errors.PermissionViolationError);
  });

  it("uses all modules below its own inbox (nc.options.inboxPrefix)", async () => {
    const nc = (await connected(name, server.port, {
      user: "dora",
      pass: "d",
      inboxPrefix: "_DORA",
    })) as ModuleConnection;
    const { consumers } = jetstream(nc, { watcherPrefix: "_DORA" } as never);
    const first = async <T>(values: AsyncIterable<T>): Promise<T> => {
      for await (const value of values) return value;
      throw new Error("no value");
    };
    expect((await first(await (await consumers.get("S")).consume())).string()).toBe("1");
    expect((await first(await (await consumers.getPushConsumer("S")).consume())).string()).toBe("1");
    expect((await first(await (await new Kvm(nc).open("kv")).watch())).string()).toBe("1");
    expect((await (await new Objm(nc).open("objects")).getBlob("a"))!.length).toBe(10);
  });
});
