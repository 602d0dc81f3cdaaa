import { mkdtempSync } from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { connect } from "@natswire/node";
import { expect, it } from "vitest";
import { startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { toNatsConnection } from "../src/index.ts";

it("smokes", async () => {
  const dir = mkdtempSync("/tmp/natswire-js-");
  const server = await startNatsServer(`jetstream { store_dir: "${dir}" }`);
  const client = await connect({ servers: `nats://127.0.0.1:${server.port}` });
  const nc = toNatsConnection(client);
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name: "S", subjects: ["s.>"] });
  const js = jetstream(nc);
  for (let i = 0; i < 10; i++) expect((await js.publish("s.a", `m${i}`)).seq).toBe(i + 1);
  await jsm.consumers.add("S", { durable_name: "d", ack_policy: "explicit" as never });
  const c = await js.consumers.get("S", "d");
  const m = await c.next();
  expect(await m!.ackAck()).toBe(true);
  const got: string[] = [];
  for await (const x of await c.fetch({ max_messages: 5, expires: 1000 })) { got.push(x.string()); x.ack(); }
  expect(got).toEqual(["m1", "m2", "m3", "m4", "m5"]);
  const o = await js.consumers.get("S");
  let n = 0;
  for await (const x of await o.consume()) { n++; if (x.info.pending === 0) break; }
  expect(n).toBe(10);
  const kv = await new Kvm(nc).create("bucket");
  await kv.put("a", "1");
  expect((await kv.get("a"))!.string()).toBe("1");
  const os = await new Objm(nc).create("objs");
  await os.putBlob({ name: "x" }, new Uint8Array(20_000_000));
  expect((await os.getBlob("x"))!.length).toBe(20_000_000);
  const svc = await new Svcm(nc as never).add({ name: "svc", version: "1.0.0" });
  svc.addEndpoint("echo", (e, m) => m.respond(m.data));
  expect((await nc.request("echo", "hi")).string()).toBe("hi");
  const infos = [];
  for await (const i of await new Svcm(nc as never).client().ping()) infos.push(i);
  expect(infos.length).toBe(1);
  await nc.drain();
  await server.stop();
}, 30000);
