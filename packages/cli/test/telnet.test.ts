// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { CliProcess } from "./cli-process.ts";

describe("the embedded server", () => {
  it("answers a person who uses telnet", async () => {
    const server = await serve();
    // The command script gives telnet a terminal.
    const telnet = spawn("script", ["-qec", `telnet 127.0.0.1 ${server.port}`, "/dev/null"]);
    let screen = "";
    let look: () => void = () => {};
    for (const output of [telnet.stdout, telnet.stderr]) {
      output.on("data", (data: Buffer) => {
        screen += data.toString();
        look();
      });
    }
    const see = (wanted: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`no ${JSON.stringify(wanted)} in ${JSON.stringify(screen)}`)),
          10_000,
        );
        look = () => {
          const at = screen.indexOf(wanted);
          if (at < 0) return;
          clearTimeout(timer);
          screen = screen.slice(at + wanted.length);
          look = () => {};
          resolve();
        };
        look();
      });
    const type = (line: string): boolean => telnet.stdin.write(`${line}\r`);
    try {
      await see("INFO {");
      await see("\n");
      type("CONNECT {}");
      await see("+OK");
      type("PING");
      await see("PONG");
      type("SUB foo.* 90");
      await see("+OK");
      type("PUB foo.bar 5");
      type("hello");
      await see("MSG foo.bar 90 5");
      await see("hello");
      type("UNSUB 90");
      await see("+OK");
      expect(server.stats).toMatchObject({ connections: 1, published: 1, delivered: 1, subscriptions: 0 });
    } finally {
      await server.close();
      telnet.kill();
      if (telnet.exitCode === null && telnet.signalCode === null) await once(telnet, "exit");
    }
  });

  it("runs until ctrl+c and exits with 0 (natswire serve)", async () => {
    const server = new CliProcess("serve", "--port", "0");
    expect(await server.port()).toBeGreaterThan(0);
    expect(await server.interrupt()).toBe(0);
  });
});
