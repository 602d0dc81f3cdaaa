// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CliProcess, main, runCli } from "./cli-process.ts";

describe("natswire decode", () => {
  it("detects the side from the first verb that only one side sends", async () => {
    const server = await runCli(["decode"], "PING\r\nMSG foo 1 5\r\nhello\r\n");
    expect(server).toEqual({ code: 0, output: "       0 1 <- PING\n       6 1 <- MSG foo 1 5 | hello\n", errors: "" });
    const client = await runCli(["decode"], "PONG\r\nPUB foo 5\r\nh\x1bllo\r\n");
    expect(client.output).toBe("       0 1 -> PONG\n       6 1 -> PUB foo 5 | h␛llo\n");
  });

  it("detects the side if that verb arrives late and in pieces", async () => {
    const decode = new CliProcess("decode");
    // A process that is still starting would read the pieces as one chunk.
    await sleep(500);
    for (const piece of ["PING\r\n", "M", "SG foo 1 5\r\nhello\r\n"]) {
      decode.process.stdin.write(piece);
      await sleep(50);
    }
    decode.process.stdin.end();
    expect(await decode.ended()).toBe(0);
    expect(decode.output).toBe("       0 1 <- PING\n       6 1 <- MSG foo 1 5 | hello\n");
    expect((await runCli(["decode"], "PONG\r\n")).output).toBe("       0 1 -> PONG\n");
  });

  it("prints a truncated recording up to the invalid line", async () => {
    const line = '{"at":1,"connection":1,"from":"client","text":"PING\\r\\n"}\n';
    const { code, output, errors } = await runCli(["decode"], `${line}\n${line}${line.slice(0, 20)}`);
    expect(code).toBe(1);
    expect(output).toBe("   0.001 1 -> PING\n".repeat(2));
    expect(errors).toBe("line 4 is not JSON: the recording is truncated, or the file is not a recording\n");
    expect(await runCli(["decode"], `${line}null\n`)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("line 2 is not an entry of a recording"),
    });
  });

  it("reads bytes in hexadecimal, cut anywhere, as made of a pcap", async () => {
    const lines = ["50494e470d0a5055422061", "20310d0a780d0a"].map(
      (hex, i) => `{"at":0.00${i}e3,"connection":1,"from":"client","hex":"${hex}"}\n`,
    );
    const { output } = await runCli(["decode"], lines.join(""));
    expect(output).toBe("   0.000 1 -> PING\n   0.001 1 -> PUB a 1 | x\n");
    expect((await runCli(["decode"], '{"at":1,"connection":1,"from":"client","hex":"5"}\n')).code).toBe(1);
  });

  it("prints no control characters", async () => {
    const event = { at: 1, connection: 1, event: "malformed", reason: "\x1b[2J\u202e\u009b" };
    const frame = { at: 1, connection: 1, from: "server", text: "-ERR '\x7f\u009b\u202e'\r\n" };
    const recording = [event, frame].map((entry) => `${JSON.stringify(entry)}\n`).join("");
    const shown = await runCli(["decode"], recording);
    expect(shown.output).toBe("   0.001 1 -- (malformed: ␛[2J��)\n   0.001 1 <- -ERR '␡��'\n");
    const { output } = await runCli(["decode", "--json"], recording);
    expect(output).toMatch(/^[ -~\n]*$/);
    expect(output.split("\n").map((line) => line && JSON.parse(line).reason)).toEqual([event.reason, undefined, ""]);
  });

  it("exits with 1 if stdout cannot be written", async () => {
    const decode = new CliProcess("decode", ">/dev/full");
    decode.process.stdin.end("PING\r\n");
    expect(await decode.ended()).toBe(1);
    expect(decode.errors).toBe("cannot write to stdout: no space left on device (ENOSPC)\n");
  });

  it("prints the frames before malformed bytes, then code, offset and bytes", async () => {
    const { code, output, errors } = await runCli(["decode"], "MSG foo 1 5\r\nhello\r\nMSG foo 1 x\r\n");
    expect(code).toBe(1);
    expect(output).toBe("       0 1 <- MSG foo 1 5 | hello\n");
    expect(errors).toContain('BAD_SIZE at byte 20: the size must be 1 to 9 digits: "MSG foo 1 x"\n');
    expect(errors).toContain(
      `      20  4d 53 47 20 66 6f 6f 20 31 20 78 0d 0a           MSG foo 1 x..\n${" ".repeat(40)}^^ byte 30\n`,
    );
  });

  it("reports the offset of an incomplete frame", async () => {
    expect(await runCli(["decode"], "PING\r\nMSG foo 1 5\r\nhel")).toMatchObject({
      code: 1,
      errors: "incomplete frame at byte 6: the input ends after 16 bytes of it\n",
    });
  });

  it("hides credentials, even of a malformed CONNECT, by default", async () => {
    const whole = 'CONNECT {"user":"ann","PASS":"s3cret-word","nkey":"s3cret-word"}\r\n';
    const broken = `${whole}CONNECT {"pass":"s3cret-word"\r\n`;
    const { code, output, errors } = await runCli(["decode"], broken);
    expect(code).toBe(1);
    expect(output).toContain('{"user":"ann","PASS":"***","nkey":"***"}');
    expect(errors).toContain(`BAD_JSON at byte ${whole.length}`);
    expect(output + errors).not.toContain("s3cret-word");
    const json = await runCli(["decode", "--json"], broken);
    expect(JSON.parse(json.output).options).toEqual({ user: "ann", PASS: "***", nkey: "***" });
    expect(json.errors).not.toContain("s3cret-word");
    const shown = await runCli(["decode", "--keep-credentials"], broken);
    expect(shown.output).toContain("s3cret-word");
  });

  it("hides the rest of a CONNECT if the capture begins inside it", async () => {
    const connect = 'CONNECT {"user":"ann","pass":"s3cret-word"}\r\nPING\r\n';
    for (const cut of [1, 4, 9, 20, 30, connect.indexOf("word") - 2]) {
      const { code, output, errors } = await runCli(["decode"], connect.slice(cut));
      expect(code).toBe(1);
      expect(output + errors).not.toContain("word");
    }
    expect((await runCli(["decode"], "ret-word")).errors).not.toContain("word");
    expect((await runCli(["decode"], "HTTP/1.1 400 Bad Request\r\n")).errors).toContain("HTTP/1.1 400 Ba");
  });

  it("exits quietly if the reader of stdout is gone", () => {
    const command = `yes PING | head -200000 | sed 's/$/\\r/' | "${process.execPath}" "${main}" decode | head -1; echo "\${PIPESTATUS[3]}"`;
    expect(execFileSync("bash", ["-c", `(${command}) 2>&1`], { encoding: "utf8" })).toBe("       0 1 -> PING\n0\n");
  });

  it("exits with 2 on wrong usage of any command and shows no credentials", async () => {
    const wrong = [
      [["decode", "--verb", "PUBB"], 'Unknown verb "PUBB"; the verbs are INFO CONNECT'],
      [["play", "x", "--to", "tls://ann:s3cret-word@x"], "This command supports only nats://, not tls://."],
      [
        ["tap", "--upstream", "ann:s3cret-word@x:99999"],
        "argument '***@x:99999' is invalid. \"***@x:99999\" is not a server URL: use nats://host:port, tls://",
      ],
      [["play", "x", "--to=nats://ann:s3cret-word/1@x"], "Write nats://host:port; in a name or password"],
      [["tap", "--upstream", "nats://ann:1/s3cret-word@x:y"], "is not a server URL"],
      [["play", "x", "--to", "ann:it's s3cret-word$'@x:99999"], "argument '***@x:99999' is invalid"],
      [["tap", "--upstrem=ann:s3cret-word@x"], "unknown option '--upstrem=***'"],
      [["serve", "--user", "s3cret-word"], "--user must be name:password"],
      [["serve", "--user", "ann:s3cret-word", "--pass", "x"], "--pass is the password of one --user"],
      [["serve", "--tokn=it's s3cret-word"], "unknown option '--tokn=***'"],
      [["serve", "--token", ""], "--token is empty"],
      [["serve", "--tlsverify"], "--tls, --tlsverify and --tlscacert need --tlscert and --tlskey"],
      [["serve", "--max-payload", "1MB"], 'It must be a whole number of bytes above 0, not "1MB".'],
      [["play", "x"], "give either --to <url> or --serve"],
      [["serve", "--cert", "x"], "--tlscert and --tlskey are needed together"],
    ] as const;
    const results = await Promise.all(wrong.map(([args]) => runCli(args)));
    expect(results.map(({ code, errors }, i) => [code, errors.includes(wrong[i]![1])])).toEqual(
      wrong.map(() => [2, true]),
    );
    for (const { errors } of results) expect(errors).not.toContain("s3cret-word");
  });

  it("exits with 1 and names the file or line that cannot be read", async () => {
    expect(await runCli(["decode", "/nowhere"])).toMatchObject({
      code: 1,
      errors: expect.stringContaining("cannot read /nowhere: "),
    });
    for (const entry of ['{"at":1,"connection":1}', '{"at":1,"connection":1,"from":"client","base64":"!!"}']) {
      expect(await runCli(["decode"], `${entry}\n`)).toMatchObject({
        code: 1,
        errors: expect.stringContaining("line 1 is not an entry of a recording"),
      });
    }
  });
});
