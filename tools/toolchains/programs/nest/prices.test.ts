// SPDX-License-Identifier: Apache-2.0
import "reflect-metadata";
import { expect, test } from "@jest/globals";
import { serve } from "@natswire/node";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { EventPattern, MessagePattern, RpcException } from "@nestjs/microservices";
import { lastValueFrom } from "rxjs";
import { NatswireClient } from "./natswire-client";
import { NatswireServer } from "./natswire-server";

const sold: string[] = [];

@Controller()
class Prices {
  @MessagePattern("price")
  price(item: string): number {
    return item.length;
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

test("answers requests and receives events", async () => {
  const server = await serve();
  const strategy = new NatswireServer(server.url);
  const options = { strategy, logger: false } as const;
  const service = await NestFactory.createMicroservice(Shop, options);
  await service.listen();
  const client = new NatswireClient(server.url);

  await lastValueFrom(client.emit("sold", "pear"));
  expect(await lastValueFrom(client.send("price", "apple"))).toBe(5);
  expect(sold).toEqual(["pear"]);
  await expect(lastValueFrom(client.send("stock", ""))).rejects.toMatchObject({ message: "no stock" });

  await client.close();
  await service.close();
  await server.close();
});

test("connects again after a first attempt that failed", async () => {
  const server = await serve();
  const client = new NatswireClient(server.url);
  await server.close();
  await expect(lastValueFrom(client.send("price", "apple"))).rejects.toMatchObject({ code: "REFUSED" });

  const next = await serve({ port: server.port });
  next.subscribe("price", ({ reply }) => next.publish(reply ?? "", "5"));
  expect(await lastValueFrom(client.send("price", "apple"))).toBe(5);
  await client.close();
  await next.close();
});
