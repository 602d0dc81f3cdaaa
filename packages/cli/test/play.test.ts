// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-play-"));
afterAll(() => rmSync(folder, { recursive: true }));

function played(script: string, ...more: string[]): ReturnType<typeof runCli> {
  const file = join(folder, `${Math.abs(script.length)}.txt`);
  writeFileSync(file, script);
  return runCli(["play", file, "--serve", ...more]);
}

/** Returns an output without its headings, which have a path. */
const lines = (output: string): string => output.replace(/^\/.*\n/gm, "");

const SECRET = '"pass":"s3cret-word"';
const begin = '1 -> CONNECT {"verbose":false,"headers":true}\n';

describe("natswire play", () => {
  it("plays wildcards, bytes, a second connection and a close", async () => {
    const script = `# what everybody does first
1 <- INFO {"server_id":…
${begin}1 -> SUB foo.* 1
1 -> PUB foo.bar 5
1 -> \\x00␍␊é
1 <- MSG * 1 5
1 <- \\x00
1 <- é
2 -> CONNECT {"verbose":false,"headers":true}
2 -> HPUB foo.x 12 14
2 -> NATS/1.0
2 ->
2 -> ok
1 <- HMSG foo.x 1 12 14
1 <- NATS/1.0
1 <-
1 <- ok
2 -> PING
2 <- PONG
2 -> NONSENSE␊
2 <- -ERR '…'
2 <- (closed)
`;
    // The first payload is NUL, CRLF and é, which are five bytes.
    expect(await played(script)).toEqual({ code: 0, output: "sent 11 lines, received 11 as expected\n", errors: "" });
  });

  it("waits for the server before another connection sends", async () => {
    const busy = `1 -> PUB busy 1000000\n1 -> {x*1000000}\n`.repeat(8);
    const script = `${begin}2 -> CONNECT {"verbose":false}\n2 -> PING\n2 <- PONG\n${busy}1 -> SUB foo 1\n2 -> PUB foo 0\n2 ->\n1 <- MSG foo 1 0\n1 <-\n`;
    expect(await played(script, "--timeout", "500")).toMatchObject({ code: 0 });
  });

  it("ignores PINGs, PONGs and the identity of the server in a recording", async () => {
    const frames = [
      ["server", 'INFO {"server_id":"another","version":"1.4.1"}'],
      ["client", 'CONNECT {"verbose":false}'],
      ["server", "PING"],
      ["client", "PONG"],
      ["client", "PING"],
      ["server", "PONG"],
    ];
    const lines = frames.map(([from, text], at) => JSON.stringify({ at, connection: 1, from, text: `${text}\r\n` }));
    const ignored = "server_name,proto,go,host,port,headers,max_payload,client_id,client_ip";
    const result = await played(lines.join("\n"), "--ignore", ignored);
    expect(result).toMatchObject({ code: 0, output: "sent 2 lines, received 2 as expected\n" });
  });

  it("answers the server's PINGs", async () => {
    const server = createServer((socket) => {
      let received = "";
      socket.write('INFO {"server_id":"x"}\r\nPING\r\n');
      socket.on("data", (data) => {
        received += data.toString();
        if (/^PING\r\n/m.test(received) && /^PONG\r\n/m.test(received)) socket.write("PONG\r\n");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const file = join(folder, "pinged.txt");
    writeFileSync(file, "1 -> PING\n1 <- PONG\n");
    const to = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await runCli(["play", file, "--to", to, "--timeout", "500"])).toMatchObject({ code: 0, errors: "" });
    server.close();
  });

  it("shows a difference and the lines before it", async () => {
    const { code, output, errors } = await played(
      `${begin}1 -> SUB foo 1\n1 -> PUB foo 3\n1 -> one\n1 <- MSG foo 1 3\n1 <- two\n`,
    );
    expect(code).toBe(1);
    expect(output).toMatch(/^\S+\.txt:6: the server sent something else\n/);
    expect(lines(output)).toBe("  1 -> PUB foo 3\n  1 -> one\n  1 <- MSG foo 1 3\n- 1 <- [-two-]\n+ 1 <- {+one+}\n");
    expect(errors).toMatch(/\.txt: 1 of 2 answers match\n$/);
  });

  it("hides credentials in a difference", async () => {
    const { output } = await played(`1 -> CONNECT {${SECRET}}\n1 <- PONG\n`);
    expect(lines(output)).toBe('  1 -> CONNECT {"pass":"***"}\n- 1 <- [-PONG-]\n+ 1 <- {++OK+}\n');
  });

  it("reports a line that is not received within the timeout", async () => {
    const { code, output, errors } = await played(`${begin}1 <- PONG\n`, "--timeout", "100");
    expect(code).toBe(1);
    expect(output).toContain("- 1 <- PONG\n");
    expect(output).toContain(":2: the server did not send this in time\n");
    expect(errors).toContain(": 0 of 1 answers match\n");
  });

  it("reports a line that was not expected", async () => {
    const { code, output, errors } = await played(`${begin}1 -> SUB foo 1\n1 -> PUB foo 0\n1 ->\n`);
    expect(code).toBe(1);
    expect(output).toContain(":4: the server sent more\n");
    expect(lines(output)).toMatch(/\n\+ 1 <- MSG foo 1 0\n\+ 1 <-\n$/);
    expect(errors).toContain(": 0 of 0 answers match, 2 more not expected\n");
  });

  it("names the invalid line of a transcript", async () => {
    expect(await played("1 -> PING\nPONG\n")).toMatchObject({
      code: 1,
      errors: expect.stringContaining("line 2 is not a line of a transcript"),
    });
  });

  it("rejects a file that cannot be played", async () => {
    const unread = JSON.stringify({ at: 1, connection: 1, event: "encrypted", reason: "TLS starts" });
    for (const [script, message] of [
      ["# nothing but a remark\n", "has nothing to play: it sends and expects nothing"],
      [unread, "cannot play the recording: connection 1 has bytes that were not decoded"],
      ["1 -> PING\n1 -> {x*9999999999}\n", "line 2 is longer than 67108864 characters"],
    ] as const) {
      expect(await played(script)).toMatchObject({ code: 1, output: "", errors: expect.stringContaining(message) });
    }
  });

  it("matches wildcards in a payload of a megabyte", async () => {
    const script = `${begin}1 -> SUB foo 1\n1 -> PUB foo 1000000\n1 -> {x*1000000}\n1 <- MSG *foo* 1000000\n1 <- {x*500000}*{x*500000}\n`;
    expect(await played(script)).toMatchObject({ code: 0, errors: "" });
  });

  it("shows no control characters in a difference", async () => {
    const { output } = await played(
      `${begin}1 -> SUB foo 1\n1 -> PUB foo 6\n1 -> \u202e\\x1b\u0085\n1 <- MSG foo 1 6\n1 <- \u202e\n`,
    );
    expect(output).toContain("- 1 <- [-�-]\n+ 1 <- {+\\xe2\\x80\\xae\\x1b\\xc2\\x85+}\n");
  });

  it("reports a server that requires TLS", async () => {
    const server = createServer((socket) => {
      socket.end('INFO {"server_id":"x","max_payload":1,"tls_required":true}\r\n');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const file = join(folder, "tls.txt");
    writeFileSync(file, "1 <- INFO …\n1 -> PING\n1 <- PONG\n");
    const to = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await runCli(["play", file, "--to", to])).toMatchObject({
      code: 1,
      errors: expect.stringContaining("the server requires TLS, which this command does not support"),
    });
    const demo = await runCli(["demo", "--server", to]);
    expect(demo.output.replace(/\s+/g, " ")).toContain("the server requires TLS, which this command does not support");
    expect(demo.code).toBe(1);
    server.close();
  });
});
