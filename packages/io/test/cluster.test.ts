// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { type Cluster, type Connection, connectWith, pipe, serveClusterWith } from "../src/index.ts";

let net: ReturnType<typeof pipe>;
let cluster: Cluster;

const addresses = (): string[] => cluster.servers.map(({ port }) => `127.0.0.1:${port}`);

async function connect(to = 0): Promise<Connection> {
  const { url } = cluster.servers[to]!;
  return closing(await connectWith(net.dial, { servers: url, reconnectTimeWait: 1 }));
}

beforeEach(async () => {
  net = pipe();
  cluster = closing(await serveClusterWith(net.listen, 3, { record: true, serverName: "first" }));
});

describe("a cluster", () => {
  it("is one server for messages, and several in INFO", async () => {
    const clients = [await connect(0), await connect(1), await connect(2)];
    const infos = clients.map(({ info }) => info);
    expect(new Set(infos.map((info) => info?.server_id)).size).toBe(3);
    expect(infos[0]?.server_name).toBe("first");
    expect(infos.slice(1).map((info) => info?.server_name)).toEqual(infos.slice(1).map((info) => info?.server_id));
    expect(infos.map((info) => info?.port)).toEqual(cluster.servers.map(({ port }) => port));
    for (const info of infos) expect(info?.connect_urls).toEqual(addresses());
    const received = clients[2]!.subscribe("orders");
    await clients[2]!.flush();
    clients[0]!.publish("orders", "1");
    expect((await received.next()).text()).toBe("1");
    expect(cluster.servers.map(({ connections }) => connections.length)).toEqual([1, 1, 1]);
    expect([cluster.connections.length, cluster.url]).toEqual([3, cluster.servers[0]!.url]);
  });

  it("loses a server that is killed; its clients move to another", async () => {
    const [moving, staying] = [await connect(0), await connect(1)];
    const received = moving.subscribe("orders");
    await moving.flush();
    const [first] = cluster.servers;
    await first!.kill();
    await first!.kill();
    expect([first!.isRunning, first!.connections]).toEqual([false, []]);
    await cluster.transcript.expect({ op: "closed" });
    await cluster.transcript.expect({ op: "sub", subject: "orders" });
    cluster.publish("orders", "2");
    expect((await received.next()).text()).toBe("2");
    await staying.flush();
    for (const client of [moving, staying]) expect(client.info?.connect_urls).toEqual(addresses().slice(1));
  });

  it("gets a server back on its port, with another id", async () => {
    const before = (await connect(0)).info?.server_id;
    const client = await connect(1);
    const [first] = cluster.servers;
    const { url } = first!;
    await first!.kill();
    await first!.restart();
    await first!.restart();
    expect([first!.isRunning, first!.url]).toEqual([true, url]);
    await client.flush();
    expect(client.info?.connect_urls).toEqual(addresses());
    const again = (await connect(0)).info;
    expect(again?.connect_urls).toEqual(addresses());
    expect(again?.server_id).not.toBe(before);
  });

  it("uses the port and the following ones", async () => {
    const other = closing(await serveClusterWith(net.listen, 2, { port: 70 }));
    expect(other.servers.map(({ port }) => port)).toEqual([70, 71]);
    await expect(serveClusterWith(net.listen, 3, { port: 69 })).rejects.toThrow("port 70");
    // The failed call has closed its listener.
    closing(await serveClusterWith(net.listen, 1, { port: 69 }));
  });

  it("rejects an invalid size or option, and shows the value", async () => {
    for (const [size, shown] of [0, 1.5, Number.NaN, "3" as never].map(
      (one) => [one, JSON.stringify(one) ?? one] as const,
    ))
      await expect(serveClusterWith(net.listen, size)).rejects.toThrow(
        `size must be a whole number of at least 1, not ${shown === "null" ? "NaN" : shown}`,
      );
    await expect(serveClusterWith(net.listen, 1, { recorded: true } as never)).rejects.toThrow('did you mean "record"');
    await expect(serveClusterWith({} as never, 1)).rejects.toThrow("listen must be a function");
  });
});

describe("advertised addresses", () => {
  it.each([
    ["a b:1", '"a b:1"'],
    ["", '""'],
    [":4222", '":4222"'],
    ["a:0", '"a:0"'],
    ["a:65536", '"a:65536"'],
    ["a:x", '"a:x"'],
    ["a/b", '"a/b"'],
    ["::1", '"::1"'],
    ["[g]:1", '"[g]:1"'],
    ["http://a:1", '"http://a:1"'],
    ["nats://ann:s3cret@a:1", '"***@a:1"'],
    [5, "5"],
    [null, "null"],
    [`${"x".repeat(99)}/`, `"${"x".repeat(63)}…`],
  ])("are rejected if no client can use them: %j", async (address, shown) => {
    const client = await connect();
    const text = `an advertised address must be host or host:port, with a port from 1 to 65535, not ${shown}`;
    const { message } = await Promise.resolve([address])
      .then((urls) => cluster.advertise(["a:1", ...urls] as string[]))
      .then(
        () => new Error("accepted"),
        (error: Error) => error,
      );
    expect(message).toBe(text);
    await client.flush();
    expect(client.info?.connect_urls).toEqual(addresses());
  });

  it("may have no port, a name of any language, or an IPv6 address", async () => {
    const client = await connect();
    const urls = ["é.example", "_sip.a-b", "a:1", "a:65535", "[::1]", "[fe80::1]:4222"];
    cluster.advertise(["tls://é.example", ...urls.slice(1)]);
    await client.flush();
    expect(client.info?.connect_urls).toEqual(urls);
  });

  it("reach clients of every listener, later ones included", async () => {
    const client = await connect(2);
    cluster.advertise(["10.0.0.1:4222", "nats://10.0.0.2:4222", "wss://10.0.0.3:443"]);
    await client.flush();
    expect(client.info?.connect_urls).toEqual(["10.0.0.1:4222", "10.0.0.2:4222"]);
    const { url } = await cluster.listen(net.listen);
    const late = closing(await connectWith(net.dial, url));
    expect(late.info?.connect_urls).toEqual(["10.0.0.1:4222", "10.0.0.2:4222"]);
    expect(late.info?.server_name).toBe("first");
  });

  it("have the scheme of the listener: ws for WebSocket clients", async () => {
    const listen: typeof net.listen = async (at, accept) => {
      const listener = await net.listen(at, accept);
      return { ...listener, url: listener.url.replace("nats:", "ws:") };
    };
    const { port } = await cluster.listen(listen);
    cluster.advertise(["10.0.0.1:4222", "tls://10.0.0.2:4222", "wss://10.0.0.3:443"]);
    const client = closing(await connectWith(net.dial, `nats://127.0.0.1:${port}`));
    expect(client.info?.connect_urls).toEqual(["10.0.0.1:4222", "10.0.0.3:443"]);
    expect(client.info?.port).toBe(port);
  });
});
