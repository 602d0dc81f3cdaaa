// SPDX-License-Identifier: Apache-2.0
import { expect } from "vitest";

/** Checks that a monitor describes a server with one client, whose name is `app`, and answers as one of nats-server does. */
export async function expectMonitored(url: string, port: number): Promise<void> {
  const read = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
  const mem = expect.any(Number);
  expect(await read("/varz")).toMatchObject({
    port,
    mem,
    cpu: mem,
    cores: mem,
    connections: 1,
    http_req_stats: { "/varz": 1 },
  });
  const { connections } = (await read("/connz?auth=1")) as { connections: { readonly port: number }[] };
  expect(connections).toMatchObject([{ name: "app", ip: "127.0.0.1", type: "nats" }]);
  expect(connections[0]!.port).toBeGreaterThan(1023);
  expect(await read("/subsz?subs=1")).toMatchObject({ offset: 0, limit: 1024 });
  expect(await read("/healthz")).toEqual({ status: "ok" });
  const statuses = ["/", "/nothing", "/connz?limit=x"].map(async (path) => (await fetch(`${url}${path}`)).status);
  expect(await Promise.all(statuses)).toEqual([200, 404, 400]);
  expect((await fetch(`${url}/varz`, { method: "POST" })).status).toBe(405);
  const head = await fetch(`${url}/varz`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
}
