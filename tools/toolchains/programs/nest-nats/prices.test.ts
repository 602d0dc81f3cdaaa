// SPDX-License-Identifier: Apache-2.0
import "reflect-metadata";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NatsConnection } from "@nats-io/nats-core";
import { serve } from "@natswire/node";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  ClientNats,
  Ctx,
  EventPattern,
  MessagePattern,
  type NatsContext,
  Payload,
  RpcException,
  ServerNats,
} from "@nestjs/microservices";
import { firstValueFrom, lastValueFrom, type Observable, of, toArray } from "rxjs";
import { ClientNatswire, ServerNatswire } from "./natswire-transport.js";

const sold: string[] = [];

@Controller()
class Prices {
  @MessagePattern("price.*")
  price(@Payload() item: string, @Ctx() context: NatsContext): unknown {
    const currency = context.getHeaders()?.get("currency");
    return { subject: context.getSubject(), price: item.length, currency };
  }

  @MessagePattern("offers")
  offers(): Observable<number> {
    return of(1, 2, 3);
  }

  @MessagePattern("stock")
  stock(): number {
    throw new RpcException("no stock");
  }

  @EventPattern("sold")
  onSold(item: string): void {
    sold.push(item);
  }
}

@Module({ controllers: [Prices] })
class Shop {}

const pairs = [
  [ClientNatswire, ServerNatswire],
  // With those of Nest on either side, which shows that the format is the same.
  [ClientNats, ServerNatswire],
  [ClientNatswire, ServerNats],
  [ClientNats, ServerNats],
] as const;

for (const [Client, Server] of pairs) {
  test(`answers requests and receives events: ${Client.name}, ${Server.name}`, async () => {
    const server = await serve();
    const options = { servers: server.url, queue: "shop", gracefulShutdown: true, gracePeriod: 50 };
    const service = await NestFactory.createMicroservice(Shop, { strategy: new Server(options), logger: false });
    await service.listen();
    const client = new Client({ servers: server.url, headers: { currency: "EUR" } });
    await client.connect();
    const libraries = [Client, Server].map(({ name }) => (name.endsWith("Natswire") ? "natswire" : "nats.js"));
    assert.deepEqual(server.connections.map(({ info }) => info?.options.lang).sort(), libraries.sort());

    const price = { subject: "price.fruit", price: 5 };
    assert.deepEqual(await firstValueFrom(client.send("price.fruit", "apple")), { ...price, currency: "EUR" });
    assert.deepEqual(await firstValueFrom(client.send("offers", "").pipe(toArray())), [1, 2, 3]);
    await assert.rejects(firstValueFrom(client.send("stock", "")), { message: "no stock" });
    await lastValueFrom(client.emit("sold", "pear"));
    await firstValueFrom(client.send("stock", "")).catch(() => {});
    assert.deepEqual(sold.splice(0), ["pear"]);

    await service.close();
    await client.close();
    await server.close();
  });
}

test("reports a lost connection, and reconnects", async () => {
  const server = await serve();
  server.subscribe("price", ({ reply }) => server.publish(reply ?? "", '{"response":5,"isDisposed":true}'));
  for (const Client of [ClientNatswire, ClientNats]) {
    const client = new Client({ servers: server.url, reconnectTimeWait: 10 });
    const statuses: string[] = [];
    client.status.subscribe((status) => statuses.push(status));
    await client.connect();
    const back = new Promise<void>((resolve) => client.on("reconnect", () => resolve()));
    for (const connection of server.connections) connection.kill();
    await back;
    assert.deepEqual([...new Set(statuses)], ["connected", "disconnected", "reconnecting"]);
    assert.equal(statuses.at(-1), "connected");
    assert.equal(await firstValueFrom(client.send("price", "apple")), 5);
    assert.ok(client.unwrap<NatsConnection>().stats().outMsgs > 0);
    await client.close();
  }
  await server.close();
});

test("connects again after a first attempt that failed", async () => {
  const server = await serve();
  const client = new ClientNatswire({ servers: server.url });
  await server.close();
  await assert.rejects(firstValueFrom(client.send("price", "apple")), { name: "ConnectionError" });
  const next = await serve({ port: server.port });
  next.subscribe("price", ({ reply }) => next.publish(reply ?? "", '{"response":5,"isDisposed":true}'));
  assert.equal(await firstValueFrom(client.send("price", "apple")), 5);
  await client.close();
  await next.close();
});

test("refuses an option that it does not know", async () => {
  const client = new ClientNatswire({ server: "nats://127.0.0.1" });
  await assert.rejects(client.connect(), { message: /unknown option "server"; did you mean "servers"/ });
});
