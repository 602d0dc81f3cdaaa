// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { SessionConfig } from "../../src/index.ts";
import { TestSession } from "../test-session.ts";

const ADDRESSES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];

/** A session whose runtime resolves the name `a`. */
const resolving = (config: Partial<SessionConfig> = {}): TestSession =>
  new TestSession({ servers: ["nats://a"], canResolve: true, ...config });

const resolved = (client: TestSession, addresses: readonly string[] = ADDRESSES): void => {
  client.session.resolved(addresses, client.now);
  client.settle();
};

/** The hosts that were resolved, and the addresses that were dialled. */
const steps = (client: TestSession): string[] =>
  client.actions.flatMap((one) =>
    one.do === "resolve" ? [`resolve ${one.host}`] : one.do === "dial" ? [one.to.address ?? one.to.host] : [],
  );

describe("the addresses of a name", () => {
  it("are resolved first, and dialled under the name", () => {
    const client = resolving({ servers: ["tls://a:7"] });
    expect(client.actions).toEqual([{ do: "resolve", host: "a" }]);
    resolved(client);
    expect(client.actions.at(-1)).toMatchObject({
      do: "dial",
      to: { host: "a", port: 7, address: "10.0.0.1", serverName: "a" },
    });
  });

  it("are each tried once, at once, before the attempt has failed", () => {
    const client = resolving();
    resolved(client);
    client.lost("refused");
    client.session.opened(client.now);
    client.receive("-ERR 'maximum connections exceeded'\r\n");
    expect(steps(client)).toEqual(["resolve a", ...ADDRESSES]);
    client.lost("reset");
    const [one, two, three] = ["refused", "maximum connections exceeded", "reset"].map(
      (reason, i) => `a:4222 (${ADDRESSES[i]}): ${reason}`,
    );
    expect(client.events.at(-1)).toMatchObject({ event: "closed", detail: `${one}; ${two}; ${three}` });
  });

  it("share the time for INFO, each with at least 2 s", () => {
    for (const [count, timeout, share] of [
      [2, 20_000, 10_000],
      [3, 3000, 2000],
      [2, 500, 500],
    ] as const) {
      const client = resolving({ timeout });
      resolved(client, ADDRESSES.slice(0, count));
      client.session.opened(client.now);
      client.pass(share - 1);
      expect(steps(client).length).toBe(2);
      client.pass(1);
      expect(steps(client).at(-1)).toBe("10.0.0.2");
      // After INFO an address has the whole timeout.
      client.session.opened(client.now);
      client.receive("INFO {}\r\n");
      client.pass(timeout - 1);
      expect(client.events.at(-1)).toMatchObject({ event: "reconnecting" });
    }
  });

  it("are resolved again for each attempt, and after a lost connection", () => {
    const client = resolving({ waitOnFirstConnect: true, reconnectDelay: () => 50 });
    resolved(client, ["10.0.0.1", "10.0.0.2"]);
    client.lost("refused");
    client.lost("refused");
    client.pass(50);
    resolved(client, ["10.0.0.3", "10.0.0.4"]);
    client.connect();
    client.lost();
    client.pass(50);
    expect(steps(client)).toEqual(["resolve a", "10.0.0.1", "10.0.0.2", "resolve a", "10.0.0.3", "resolve a"]);
  });

  it("are shuffled, those of the first family before the others", () => {
    const random = (into: Uint8Array): void => {
      const words = new Uint32Array(into.buffer, 0, into.length >> 2);
      for (let i = 0; i < words.length; i++) words[i] = words.length - i;
    };
    const client = resolving({ random, noRandomize: false });
    resolved(client, ["10.0.0.1", "::1", "10.0.0.2", "::2"]);
    for (let i = 0; i < 3; i++) client.lost();
    expect(steps(client)).toEqual(["resolve a", "10.0.0.2", "10.0.0.1", "::2", "::1"]);
  });

  it("are tried before the next server, as one attempt", () => {
    const client = resolving({ servers: ["nats://a", "nats://10.0.0.9"], maxReconnectAttempts: 1 });
    resolved(client, ["10.0.0.1", "10.0.0.2"]);
    client.lost();
    client.lost();
    client.lost();
    expect(steps(client)).toEqual(["resolve a", "10.0.0.1", "10.0.0.2", "10.0.0.9"]);
    expect(client.events.at(-1)).toMatchObject({ event: "closed" });
  });

  it("refuse the credentials each for itself", () => {
    const client = resolving({ waitOnFirstConnect: true, reconnectDelay: () => 0 });
    const refuse = (): void => {
      client.session.opened(client.now);
      client.receive("INFO {}\r\n-ERR 'Authorization Violation'\r\n");
    };
    resolved(client, ["10.0.0.1", "10.0.0.2"]);
    refuse();
    refuse();
    expect(client.events.at(-1)).not.toMatchObject({ event: "closed" });
    resolved(client, ["10.0.0.1", "10.0.0.2"]);
    refuse();
    expect(client.events.at(-1)).toMatchObject({ event: "closed", reason: "AUTH" });
  });

  it("may be missing or nonsense: then the host is dialled by its name", () => {
    for (const addresses of [[], ["b.example.org"]]) {
      const client = resolving();
      resolved(client, addresses);
      expect(steps(client)).toEqual(["resolve a", "a"]);
    }
  });

  it("cost the attempt if they cannot be resolved, or not in time", () => {
    const failed = resolving();
    failed.lost("getaddrinfo ENOTFOUND a");
    expect(failed.events.at(-1)).toMatchObject({
      event: "closed",
      reason: "REFUSED",
      detail: "a:4222: getaddrinfo ENOTFOUND a",
    });
    const late = resolving({ timeout: 300 });
    late.pass(300);
    expect(late.events.at(-1)).toMatchObject({ event: "closed", detail: "a:4222: no address within 300 ms" });
  });

  it("are not resolved for addresses, localhost, sockets and WebSockets", () => {
    for (const server of ["nats://10.0.0.1", "[::1]", "localhost", "unix:/run/n.sock", "ws://a", "wss://a"]) {
      expect(new TestSession({ servers: [server], canResolve: true }).take()).toEqual(["dial"]);
    }
  });
});
