// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual as same } from "node:util";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { type ConnectInfo, clientFrames, encode, type Grammar, type ServerInfo, serverFrames } from "../src/index.ts";
import { read } from "./reading.ts";

const values = [
  "0",
  "1",
  "-1",
  "1.5",
  "1e0",
  "9007199254740992",
  "18446744073709551615",
  "1e20",
  "true",
  "false",
  "null",
  '""',
];
values.push('"1"', "[]", '["a"]', '["a",1]', "[null]", "{}", '{"a":1}');
const odd = "unknown __proto__ constructor toString VERBOSE Name";

it("encode ignores functions in INFO and CONNECT, toJSON included", () => {
  const info = { a: 1, toJSON: () => "b", c: undefined };
  expect(Buffer.from(encode({ op: "info", info })).toString()).toBe('INFO {"a":1}\r\n');
});

describe.each([
  [
    "INFO",
    "server",
    serverFrames as Grammar<unknown>,
    `server_id server_name version proto git_commit go host port headers auth_required tls_required tls_verify
     tls_available max_payload jetstream ip client_id client_ip nonce cluster cluster_dynamic domain connect_urls
     ws_connect_urls ldm compression connect_info remote_account acc_is_sys api_lvl xkey`,
  ],
  [
    "CONNECT",
    "client",
    clientFrames as Grammar<unknown>,
    `verbose pedantic tls_required echo auth_token user pass nkey jwt sig name lang version protocol headers
     no_responders proxy_sig`,
  ],
] as const)("%s fields", (verb, from, grammar, names) => {
  it.each(`${names} ${odd}`.split(/\s+/))("report BAD_JSON if %s has the wrong type", (name) => {
    const verdicts = new Set<string>();
    for (const value of values) {
      const line = latin1(`${verb} {"${name}":${value}}\r\n`);
      const reading = read([line], grammar);
      expect(same(reading, oracle(line, from)), value).toBe(true);
      verdicts.add(reading.fault?.code ?? "ok");
      // The last of two equal keys counts.
      const twice = latin1(`${verb} {"${name}":${value},"${name}":${values[7]}}\r\n`);
      expect(same(read([twice], grammar), oracle(twice, from)), value).toBe(true);
    }
    expect(verdicts).toEqual(new Set(odd.split(" ").includes(name) ? ["ok"] : ["ok", "BAD_JSON"]));
  });

  it.each(names.split(/\s+/))("reject %s of the wrong type when encoding", (name) => {
    for (const value of values) {
      const object = JSON.parse(`{"${name}":${value}}`) as ServerInfo & ConnectInfo;
      const fault = oracle(latin1(`${verb} {"${name}":${value}}\r\n`), from).fault;
      const write = (): Uint8Array =>
        encode(verb === "INFO" ? { op: "info", info: object } : { op: "connect", options: object });
      // Null is decoded as a missing field, and is never encoded.
      if (fault === undefined && value !== "null") expect(same(read([write()], grammar).fault, undefined)).toBe(true);
      else expect(write, value).toThrow(name);
    }
  });
});
