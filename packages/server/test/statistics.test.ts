// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { ServerHarness } from "./server-harness.ts";

const HPUB = "HPUB a 12 14\r\nNATS/1.0\r\n\r\nok\r\n";

describe("the statistics", () => {
  it("count the bytes of headers and payloads", () => {
    const server = new ServerHarness();
    const [publisher, receiver] = [server.connect(), server.connect()];
    server.send(receiver, "SUB a 1\r\nSUB > 2\r\n");
    server.send(publisher, `${HPUB}PUB b 3\r\nabc\r\n`);
    server.core.publish({ subject: "b", payload: latin1("12345") });
    expect(server.core.stats).toMatchObject({ published: 3, publishedBytes: 22, delivered: 4, deliveredBytes: 36 });
    expect(server.core.connection(publisher)).toMatchObject({ publishedBytes: 17, deliveredBytes: 0 });
    expect(server.core.connection(receiver)).toMatchObject({ publishedBytes: 0, deliveredBytes: 36 });
  });

  it("do not count bytes of rejected messages and of removed headers", () => {
    const server = new ServerHarness();
    const [publisher, receiver] = [server.connect(), server.open()];
    server.send(receiver, 'CONNECT {"verbose":false}\r\nSUB > 1\r\n');
    server.send(publisher, `PUB _GR_.a 2\r\nno\r\n${HPUB}`);
    expect(server.core.stats).toMatchObject({ published: 1, publishedBytes: 14 });
    expect(server.core.connection(receiver)).toMatchObject({ deliveredBytes: 2 });
  });

  it("count every connection that was opened", () => {
    const server = new ServerHarness({ maxConnections: 1 });
    const [first] = [server.connect(), server.core.opened(0)];
    server.core.lost(first, 0);
    expect(server.core.stats).toMatchObject({ connections: 1, opened: 2 });
  });
});

describe("a connection", () => {
  it("has the times of its beginning and of its last frame or message", () => {
    const server = new ServerHarness();
    server.now = 5;
    const [publisher, receiver] = [server.connect(), server.connect()];
    const times = (id: number): unknown => {
      const { openedAt, activeAt } = server.core.connection(id)!;
      return [openedAt, activeAt];
    };
    expect(times(receiver)).toEqual([5, 5]);
    server.now = 7;
    server.send(receiver, "SUB a 1\r\nPONG\r\n");
    server.now = 9;
    server.send(receiver, "PONG\r\n");
    expect(times(receiver)).toEqual([5, 7]);
    server.now = 11;
    server.send(publisher, "PUB a 0\r\n\r\n");
    expect([times(receiver), times(publisher)]).toEqual([
      [5, 11],
      [5, 11],
    ]);
    server.core.publish({ subject: "a", payload: latin1("") }, 13);
    server.settle();
    expect(times(receiver)).toEqual([5, 13]);
  });
});

describe("the view", () => {
  it("has INFO without what is about one client", () => {
    const server = new ServerHarness({ serverName: "s", authRequired: true });
    const { info, config } = server.core.view;
    expect(info).toMatchObject({ server_name: "s", auth_required: true, port: 4222 });
    for (const name of ["client_id", "client_ip", "nonce"]) expect(info).not.toHaveProperty(name);
    server.core.advertise(["a:1"], 0);
    server.core.lameDuck(0, 0, 0);
    expect(server.core.view.info).toMatchObject({ connect_urls: ["a:1"], ldm: true });
    expect(config).toMatchObject({ serverName: "s", maxPayload: 1_048_576 });
  });

  it("has the subscriptions of the program", () => {
    const server = new ServerHarness();
    const id = server.core.subscribe("a.*", "q");
    server.core.unsubscribe(id, 3);
    server.core.publish({ subject: "a.b", payload: latin1("") });
    expect(server.core.view.subscriptions).toEqual([{ subject: "a.*", queue: "q", sid: "1", delivered: 1, max: 3 }]);
  });

  it("keeps the counts of an account that has gone", () => {
    const server = new ServerHarness({ authRequired: true });
    const client = server.connect();
    server.core.authorized(client, { account: "A" }, 0);
    server.send(client, "SUB a 1\r\nSUB a 2\r\nPUB a 0\r\n\r\nPUB a 0\r\n\r\n");
    const counts = { inserts: 2, matches: 2, hits: 1 };
    expect(server.core.view.interest).toEqual({ ...counts, removes: 0, cached: [2] });
    server.core.lost(client, 0);
    expect(server.core.view.interest).toEqual({ ...counts, removes: 2, cached: [] });
    expect(server.core.stats.subscriptions).toBe(0);
  });
});
