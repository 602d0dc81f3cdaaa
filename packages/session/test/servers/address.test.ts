// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { parseAddress, parseServers, withoutUserinfo } from "../../src/index.ts";
import { isLoopback } from "../../src/servers/address.ts";

const noCredentials = { user: undefined, pass: undefined, token: undefined };

describe("parseAddress", () => {
  it.each([
    ["nats://example.org:4223", { scheme: "tcp", host: "example.org", port: 4223, path: undefined }, false],
    ["nats://example.org", { scheme: "tcp", host: "example.org", port: 4222, path: undefined }, false],
    ["nats://h:65535", { scheme: "tcp", host: "h", port: 65_535, path: undefined }, false],
    ["example.org:1", { scheme: "tcp", host: "example.org", port: 1, path: undefined }, false],
    ["localhost", { scheme: "tcp", host: "localhost", port: 4222, path: undefined }, false],
    ["nats://[::1]:4222/", { scheme: "tcp", host: "::1", port: 4222, path: undefined }, false],
    ["::1", { scheme: "tcp", host: "::1", port: 4222, path: undefined }, false],
    ["tls://fe80::1:2", { scheme: "tcp", host: "fe80::1:2", port: 4222, path: undefined }, true],
    ["::ffff:10.0.0.1", { scheme: "tcp", host: "::ffff:10.0.0.1", port: 4222, path: undefined }, false],
    [" NATS://example.org:1\n", { scheme: "tcp", host: "example.org", port: 1, path: undefined }, false],
    ["tcp://example.org", { scheme: "tcp", host: "example.org", port: 4222, path: undefined }, false],
    ["tls://example.org", { scheme: "tcp", host: "example.org", port: 4222, path: undefined }, true],
    ["ws://example.org/nats?x=1", { scheme: "ws", host: "example.org", port: 80, path: "/nats?x=1" }, false],
    ["wss://example.org:8443", { scheme: "wss", host: "example.org", port: 8443, path: "/" }, true],
  ])("reads the endpoint of %s", (url, { scheme, host, port, path }, tls) => {
    expect(parseAddress(url)).toEqual({
      endpoint: { scheme, host, port, path, serverName: host },
      tls,
      ...noCredentials,
    });
  });

  it("reads the path of a unix socket", () => {
    for (const url of ["unix:/run/nats.sock", "unix:///run/nats.sock"]) {
      expect(parseAddress(url)).toEqual({
        endpoint: { scheme: "unix", host: "localhost", port: 0, path: "/run/nats.sock", serverName: "localhost" },
        tls: false,
        ...noCredentials,
      });
    }
    expect(parseAddress("unix:/run///nats.sock").endpoint.path).toBe("/run///nats.sock");
  });

  it.each([
    ["nats://ann:s3cret@h", { ...noCredentials, user: "ann", pass: "s3cret" }],
    ["nats://ann:p%40ss:word@h", { ...noCredentials, user: "ann", pass: "p@ss:word" }],
    ["nats://ann:100%@h", { ...noCredentials, user: "ann", pass: "100%" }],
    ["nats://ann:p@ss:w@rd@h", { ...noCredentials, user: "ann", pass: "p@ss:w@rd" }],
    ["nats://ann:pa,ss@h", { ...noCredentials, user: "ann", pass: "pa,ss" }],
    ["nats://t0ken@h", { ...noCredentials, token: "t0ken" }],
    ["ann:s3cret@h:1", { ...noCredentials, user: "ann", pass: "s3cret" }],
    ["nats://:s3cret@h", { ...noCredentials, user: "", pass: "s3cret" }],
    ["nats://@h", noCredentials],
  ])("reads the credentials of %s", (url, credentials) => {
    expect(parseAddress(url)).toMatchObject(credentials);
  });

  it.each([
    "",
    "nats://",
    "http://h",
    "nats://h:0",
    "nats://h:65536",
    "nats://h:x",
    "nats://a b",
    "nats://h/path",
    "constructor://h",
    "h:1:2",
    "nats://[::1",
    "a,b",
    "a:1:2",
    7,
    undefined,
    null,
    {},
  ])("rejects %j", (url) => {
    expect(() => parseAddress(url as string)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
  });

  it.each([
    ["http://ann:s3cret@h", "http://***@h"],
    ["ann:s3cret@h h", "***@h h"],
    ["nats://ann:s3/cret@h:1", "nats://***@h:1"],
    ["nats://ann:s3@cret@h h", "nats://***@h h"],
    ["ann:s3://cr et@h:1:1", "***@h:1:1"],
    ["NATS://ann:s3\ncret@h h", "NATS://***@h h"],
    ["http://h", "http://h"],
  ])("shows no credentials in the error for %j", (url, shown) => {
    expect(() => parseAddress(url)).toThrow(`${JSON.stringify(shown)} is not a server URL`);
  });

  it("reads lists with commas, with credentials of their own and blanks", () => {
    const hosts = (...servers: string[]): unknown =>
      parseServers(servers).map(({ endpoint, user }) => [endpoint.host, user]);
    expect(hosts("nats://a, tls://b:1,\nc,", "::1,d")).toEqual(
      ["a", "b", "c", "::1", "d"].map((host) => [host, undefined]),
    );
    expect(hosts("nats://ann:p@a,nats://bob:q@b")).toEqual([
      ["a", "ann"],
      ["b", "bob"],
    ]);
    expect(hosts("ann:p@a,bob:q@b")).toEqual([
      ["a", "ann"],
      ["b", "bob"],
    ]);
    expect(hosts(",")).toEqual([]);
    expect(() => hosts("a,http://b")).toThrow("is not a server URL");
  });

  it("has a redaction for texts that contain a URL", () => {
    const [none, some] = ['"nats://ann:s3/cret@h:1" is bad', "argument 'ann:s3cret@h' is bad"].map(withoutUserinfo);
    expect([none, some]).toEqual(['"nats://***@h:1" is bad', "***@h' is bad"]);
  });

  it("has an endpoint that is loopback or not", () => {
    const is = (url: string): boolean => isLoopback(parseAddress(url).endpoint);
    expect(["localhost", "127.0.0.1", "127.10.20.30", "[::1]", "unix:/x"].map(is)).toEqual(Array(5).fill(true));
    const others = ["example.org", "127.0.0.1.example.org", "10.127.0.0.1", "10.0.0.1", "[::2]"];
    expect(others.map(is)).toEqual(Array(5).fill(false));
  });
});
