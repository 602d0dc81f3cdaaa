// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import { headers } from "@nats-io/nats-core";
import { type Service, ServiceError, type ServiceIdentity, Svcm } from "@nats-io/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { clients, connected, listed, type ModuleConnection } from "./clients.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startNatsServer("");
});
afterAll(() => server.stop());

/** The module brings its own copy of nats-core, with types of its own. */
const services = (nc: ModuleConnection) => new Svcm(nc as never);

async function calculator(nc: ModuleConnection): Promise<Service> {
  const service = await services(nc).add({ name: "calculator", version: "1.2.3", metadata: { region: "eu" } });
  service.addEndpoint("double", (_, message) => void message.respond(String(2 * Number(message.string()))));
  const group = service.addGroup("math").addGroup("v1");
  group.addEndpoint("half", {
    handler(_, message) {
      if (message.string() === "") throw new ServiceError(400, "a number is missing");
      message.respond(String(Number(message.string()) / 2), { headers: message.headers! });
    },
    metadata: { unit: "none" },
  });
  return service;
}

it("is tested with a module that has its own copy of nats-core", () => {
  const own = createRequire(import.meta.url);
  const core = (from: NodeJS.Require) => from.resolve("@nats-io/nats-core");
  expect(core(createRequire(own.resolve("@nats-io/services")))).not.toBe(core(own));
});

describe.each(clients)("services on %s", (name) => {
  it("answer at their endpoints and groups", async () => {
    const nc = await connected(name, server.port);
    const service = await calculator(nc);
    expect((await nc.request("double", "4")).string()).toBe("8");
    const some = headers();
    some.set("A", "b");
    const half = await nc.request("math.v1.half", "4", { timeout: 1000, headers: some });
    expect([half.string(), half.headers!.get("A")]).toEqual(["2", "b"]);
    const failed = await nc.request("math.v1.half");
    expect([ServiceError.isServiceError(failed as never), ServiceError.toServiceError(failed as never)!.code]).toEqual([
      true,
      400,
    ]);
    expect(await service.stop()).toBeNull();
    await expect(nc.request("double", "4")).rejects.toThrow("no responders");
  });

  it("are discovered by ping, info and stats", async () => {
    const nc = await connected(name, server.port);
    const service = await calculator(nc);
    await nc.request("double", "4");
    await nc.request("math.v1.half");
    const client = services(nc).client({ strategy: "count", maxMessages: 1, maxWait: 2000 } as never);
    const pings: ServiceIdentity[] = await listed(await client.ping("calculator"));
    expect(pings.map(({ id, version }) => [id, version])).toEqual([[service.info().id, "1.2.3"]]);
    const [info] = await listed(await client.info("calculator"));
    expect(info!.endpoints.map(({ subject }) => subject)).toEqual(["double", "math.v1.half"]);
    const [stats] = await listed(await client.stats("calculator", service.info().id));
    expect(stats!.endpoints!.map(({ num_requests, num_errors }) => [num_requests, num_errors])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    await expect(listed(await client.ping("other"))).rejects.toThrow("no responders");
  });

  it("stop with the connection, and if a subscription ends", async () => {
    const nc = await connected(name, server.port);
    const [one, other] = [await calculator(nc), await calculator(nc)];
    expect(one.isStopped).toBe(false);
    (one as unknown as { handlers: { sub: { unsubscribe(): void } }[] }).handlers[0]!.sub.unsubscribe();
    expect(String(await one.stopped)).toContain("required subscription double stopped");
    await nc.close();
    expect(String(await other.stopped)).toContain("stopped");
  });
});
