// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, it, vi } from "vitest";
import { connectWith, pipe, serveWith } from "../src/index.ts";

afterEach(() => void vi.unstubAllGlobals());

/** Replaces every timer that sinon's defaults replace, by one that never fires. */
function installFakeTimers(): void {
  const names = ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "setInterval", "queueMicrotask"];
  for (const name of names) vi.stubGlobal(name, () => {});
  vi.stubGlobal("performance", { now: () => 0 });
  vi.stubGlobal("Date", class {});
}

it("connects, requests and publishes under fake timers", async () => {
  installFakeTimers();
  const { dial, listen } = pipe();
  const server = await serveWith(listen);
  const client = await connectWith(dial, server.url);
  server.subscribe("who", { callback: (message) => message.respond("me") });
  expect((await client.request("who")).text()).toBe("me");
  await expect(client.request("nobody")).rejects.toMatchObject({ code: "NO_RESPONDERS" });
  const seen = client.subscribe("orders.*", { max: 2 });
  for (const text of ["1", "2"]) client.publish("orders.new", text);
  const texts: string[] = [];
  for await (const message of seen) texts.push(message.text());
  expect(texts).toEqual(["1", "2"]);
  await client.drain();
  await server.close();
});

it("times out in real time under fake timers", async () => {
  installFakeTimers();
  const { dial, listen } = pipe();
  const server = await serveWith(listen);
  server.subscribe("slow"); // and never responds
  const client = await connectWith(dial, server.url);
  await expect(client.request("slow", "", { timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
  await client.close();
  await server.close();
});

it.each([undefined, {}])("reports missing random values in a runtime whose crypto is %o", async (crypto) => {
  const { dial, listen } = pipe();
  const server = await serveWith(listen);
  vi.stubGlobal("crypto", crypto);
  await expect(connectWith(dial, server.url)).rejects.toMatchObject({
    name: "UsageError",
    code: "BAD_FIELD",
    message: expect.stringMatching(/^this runtime has no crypto.getRandomValues; load a polyfill/),
  });
  vi.unstubAllGlobals();
  await server.close();
});
