// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import {
  type Connz,
  connect,
  type Listener,
  type Server,
  type Subsz,
  serve,
  serveMonitor,
  type Varz,
} from "../src/index.ts";
import { listen as listenWebSocket } from "../src/websocket.ts";

let server: Server;
let http: Listener;

beforeEach(async () => {
  server = await serve();
  http = await serveMonitor(server);
});

afterEach(() => server.close(0));

const get = (path: string, method = "GET"): Promise<Response> => fetch(`${http.url}${path}`, { method });
const read = async <T = Varz>(path: string): Promise<T> => (await get(path)).json() as T;

describe("serveMonitor", () => {
  it("answers with JSON", async () => {
    expect(http.url).toBe(`http://127.0.0.1:${http.port}`);
    for (const path of ["/varz", "/connz", "/subsz", "/healthz"]) {
      const response = await get(path);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(await response.json()).toBeTypeOf("object");
    }
    expect(await read("/healthz")).toEqual({ status: "ok" });
  });

  it("reports its address, its requests, and what the process uses", async () => {
    await get("/connz");
    await get("/nothing");
    const { mem, cores, cpu, ...varz } = await read("/varz");
    expect(mem).toBeGreaterThan(1_000_000);
    expect(cores).toBeGreaterThan(0);
    expect(cpu).toBeGreaterThanOrEqual(0);
    const address = { http_host: "127.0.0.1", http_port: http.port, http_base_path: "", https_port: 0 };
    expect(varz).toMatchObject({ ...address, host: "127.0.0.1", port: server.port });
    expect(varz.http_req_stats).toEqual({ "/connz": 1, "/varz": 1 });
  });

  it("reads the options from the query", async () => {
    const [one, two] = await Promise.all(["one", "two"].map((name) => connect({ servers: server.url, name })));
    two!.subscribe("orders.*");
    await two!.flush();
    const { connections, total } = await read<Connz>("/connz?sort=subs&subs=1&limit=1&unknown=1&state=");
    expect([total, connections.length]).toEqual([2, 1]);
    expect(connections[0]).toMatchObject({ name: "two", subscriptions_list: ["orders.*"], ip: "127.0.0.1" });
    expect(connections[0]!.port).toBeGreaterThan(1023);
    expect((await read<Connz>("/connz?subs=Detail")).connections[1]!.subscriptions_list_detail).toMatchObject([
      { cid: 2 },
    ]);
    expect((await read<Connz>("/connz?state=ALL&auth=TRUE")).total).toBe(2);
    expect((await read<Subsz>("/subsz?subs=t&test=orders.new&offset=%2B1")).total).toBe(1);
    await Promise.all([one!.close(), two!.close()]);
  });

  it("rejects options that are not valid, with the reason", async () => {
    const response = await get("/connz?limit=many");
    expect(response.status).toBe(400);
    expect(await response.text()).toBe('limit must be a whole number, not "many"\n');
    expect((await get("/subsz?test=*")).status).toBe(400);
  });

  it("links to its pages, and answers 404 for others", async () => {
    const page = await get("/");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const [, path] of (await page.text()).matchAll(/href="(\w+)"/g))
      expect((await get(`/${path}`)).status).toBe(200);
    for (const path of ["/jsz", "/varz/", "/toString", "//"]) expect((await get(path)).status).toBe(404);
  });

  it("answers GET and HEAD only", async () => {
    const head = await get("/varz", "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const method of ["POST", "PUT", "DELETE"]) {
      const response = await get("/varz", method);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
  });

  it("answers 503 to a health check in lame duck mode", async () => {
    const client = await connect({ servers: server.url, reconnect: false });
    void server.lameDuck();
    const response = await get("/healthz");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "error", error: "the server is in lame duck mode" });
    await client.close();
  });

  it("closes with the server, after the last connection", async () => {
    const client = connectTcp(server.port, "127.0.0.1");
    await new Promise((resolve) => client.once("data", resolve));
    client.pause(); // does not notice the end
    const closed = server.close(200);
    expect((await get("/healthz")).status).toBe(503);
    await closed;
    await expect(get("/healthz")).rejects.toThrow();
    client.destroy();
  });

  it("closes at once if a request has arrived in part", async () => {
    const slow: Socket = connectTcp(http.port, "127.0.0.1");
    slow.write("GET /varz HTTP/1.1\r\n");
    await get("/varz");
    const ended = new Promise((resolve) => slow.once("close", resolve));
    slow.on("error", () => {});
    await http.close();
    await http.close();
    await ended;
    await expect(get("/varz")).rejects.toThrow();
    expect(server.connections).toEqual([]);
  });

  it("rejects a closed server, and leaves no port open", async () => {
    await server.close();
    await expect(serveMonitor(server, { port: http.port })).rejects.toMatchObject({ code: "CLOSED" });
    await expect(get("/varz")).rejects.toThrow();
  });

  it("rejects a port that is in use", async () => {
    await expect(serveMonitor(server, { port: http.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it.each([
    [{ prot: 8222 }, 'unknown option "prot" of serveMonitor; did you mean "port"?'],
    [{ port: 70_000 }, "port must be a whole number of at most 65535"],
    [8222, "the address must be { host, port }, not 8222"],
  ])("rejects the options %j", async (options, text) => {
    await expect(serveMonitor(server, options as object)).rejects.toThrow(text);
  });

  it("rejects what is not an embedded server", async () => {
    await expect(serveMonitor({} as Server)).rejects.toThrow("server must be a server that serve() started");
  });

  it("reports that the server requires TLS", async () => {
    const certificates = makeCertificates();
    const { cert, key } = certificates.server;
    const secure = await serve({ tls: { cert, key } });
    const secureHttp = await serveMonitor(secure);
    expect(await (await fetch(`${secureHttp.url}/varz`)).json()).toMatchObject({ tls_required: true });
    await secure.close();
    certificates.remove();
  });

  it("reports which clients use WebSockets", async () => {
    const { url } = await server.listen(listenWebSocket);
    const socket = new WebSocket(url);
    await once(socket, "message");
    expect((await read<Connz>("/connz")).connections).toMatchObject([{ type: "websocket", ip: "127.0.0.1" }]);
    socket.close();
  });
});
