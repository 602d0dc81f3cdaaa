// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { BytesDecoder } from "../src/decode/bytes-decoder.ts";
import type { Side } from "../src/frame-reader.ts";
import { ConnectionMonitor } from "../src/tap/connection-monitor.ts";

/** Returns the rest of the line that `decode` marks, its error, and what the tap says is wrong. */
function faultOf(side: Side, line: string): { marked: string; error: string; reason: string } {
  const bytes = Buffer.from(`PING\r\n${line}\r\nPONG\r\n`, "latin1");
  const decoder = new BytesDecoder(side, { keepCredentials: true });
  let error = "";
  try {
    for (const _ of decoder.read(bytes));
  } catch (failure) {
    error = (failure as Error).message;
  }
  const [, offset] = /\^\^ byte (\d+)$/m.exec(error) ?? [];
  const reasons: string[] = [];
  const sink = { frame() {}, event: ({ reason = "" }) => reasons.push(reason) };
  new ConnectionMonitor(1, [sink], { keepCredentials: true }).received(0, side, bytes);
  return { marked: `${bytes.subarray(Number(offset))}`.split("\r\n")[0]!, error, reason: reasons.join() };
}

describe("the mark of malformed bytes", () => {
  it.each([
    ["client", "PUX orders 5", "X orders 5"],
    ["client", "HTTP/1.1 400", "TTP/1.1 400"],
    ["client", "PING now", "now"],
    ["client", "PINGS", "S"],
    ["server", "-ERR", ""],
    ["client", "PUB a b c 1", "1"],
    ["client", "PUB a", ""],
    ["client", "SUB a b c d e", "d e"],
    ["client", "PUB a five", "five"],
    ["client", "HPUB a x 3", "x 3"],
    ["client", "HPUB a b 5 3", "5 3"],
    ["client", "UNSUB 1 x", "x"],
    ["server", "MSG a 1 99999999", "99999999"],
    ["server", 'INFO {"headers" : 1}', '"headers" : 1}'],
    ["server", "INFO {]", "]"],
    ["server", "INFO x", "INFO x"],
    ["client", 'CONNECT {"verbose":1}', '"verbose":1}'],
  ] as const)("is below the wrong token of a %s: %s", (side, line, marked) => {
    expect(faultOf(side, line).marked).toBe(marked);
  });

  it("is at the byte that the error names, if that is exact", () => {
    expect(faultOf("client", "PUB a 1\r\nxyz").marked).toBe("yz");
  });

  it("is named by the tap, which prints one line", () => {
    expect(faultOf("client", "PUB orders.new five").reason).toBe(
      'BAD_SIZE at byte 6: the size must be 1 to 9 digits: "PUB orders.new five", byte 21: "five"; later bytes of this side are not decoded',
    );
    expect(faultOf("client", "PUB a").reason).toMatch(/not 1: "PUB a"; later/);
    expect(faultOf("client", "PUX a").reason).toMatch(/"PUX" in "PUX a"; later/);
  });
});

describe("bytes of another protocol", () => {
  it.each([
    ["client", "GET / HTTP/1.1\r\nConnection: Upgrade", "for WebSocket clients, use natswire tap --listen ws://"],
    ["client", "POST /a HTTP/1.1", "this is an HTTP request"],
    ["server", "HTTP/1.1 400 Bad Request", "use natswire tap --upstream ws://"],
    ["server", "\xff\x06\0\0S2sTwO", "write compression: off into the configuration"],
    ["client", "RS+ $G a", "servers send this; use --protocol route, leafnode or gateway"],
    ["server", "LMSG a 1", "servers send this; use --protocol"],
    ["client", 'INFO {"server_id":"N"}', "if servers are connected here, use --protocol"],
    ["client", "\x16\x03\x01", "use a tap that ends it: --tlscert and --upstream tls://"],
  ] as const)("are named, with what to do, by decode and tap (%s: %j)", (side, line, hint) => {
    const { error, reason } = faultOf(side, line);
    expect(error).toContain(hint);
    expect(reason).toContain(hint);
  });

  it("are not suspected in a wrong verb", () => {
    expect(faultOf("client", "PUX a 5").error).toMatch(/unknown verb "PUX"\n/);
  });
});
