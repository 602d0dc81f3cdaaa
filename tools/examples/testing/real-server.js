// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Starts a real nats-server on a free port. The program must be in the PATH.
 *
 * @param {...string} options
 */
export async function realServer(...options) {
  const child = spawn("nats-server", ["-a", "127.0.0.1", "-p", "-1", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface(child.stderr)) {
    const port = /Listening for client connections on \S+:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    child.stderr.resume();
    const close = async () => {
      child.kill();
      await once(child, "exit");
    };
    return { url: `nats://127.0.0.1:${port}`, close };
  }
  throw new Error("nats-server did not start");
}
