// SPDX-License-Identifier: Apache-2.0
import type { Server } from "@natswire/node";
import { serve } from "@natswire/node/websocket";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { connect, dialWith, type WebSocketLike } from "../src/index.ts";
import { countingSocket, unchangingSocket, uncountedSocket } from "./w3c-socket.ts";

let server: Server;
beforeAll(async () => {
  server = await serve();
});
afterAll(() => server.close());

const kinds: readonly (readonly [string, (url: string) => WebSocketLike])[] = [
  ["counts", countingSocket],
  ["is missing", uncountedSocket],
  ...[undefined, null, Number.NaN, 0, -1].map(
    (value) => [`stays ${value}`, (url: string) => unchangingSocket(url, value)] as const,
  ),
];

describe.each(kinds)("a client over a WebSocket whose bufferedAmount %s", (_, factory) => {
  it("publishes, receives, requests and drains", async () => {
    const client = closing(await connect({ servers: server.url, factory, maxPending: 3_000_000 }));
    const sizes: number[] = [];
    client.subscribe("big", { callback: ({ payload }) => void sizes.push(payload.length) });
    for (let i = 0; i < 12; i++) {
      client.publish("big", new Uint8Array(1_000_000 + i));
      await client.ready();
    }
    client.subscribe("who", { callback: (message) => void message.respond("you") });
    expect((await client.request("who")).text()).toBe("you");
    await client.drain();
    expect(sizes).toEqual(Array.from({ length: 12 }, (_, i) => 1_000_000 + i));
    expect(await client.closed).toBeUndefined();
  });
});

it("a WebSocket without bufferedAmount reports bytes as written after send", async () => {
  const { hostname, port } = new URL(server.url);
  const to = { scheme: "ws", host: hostname, port: Number(port), path: undefined, serverName: hostname } as const;
  const reports: string[] = [];
  await new Promise<void>((resolve) => {
    const transport = dialWith({ factory: uncountedSocket })(to, {
      open() {
        expect(transport.write(new Uint8Array(1_000_000), false)).toBe(true);
        expect(reports).toEqual(["written 1000000"]);
        transport.abort();
      },
      data() {},
      written: (bytes) => void reports.push(`written ${bytes}`),
      ready: () => void reports.push("ready"),
      close: () => resolve(),
    });
  });
  expect(reports).toEqual(["written 1000000"]);
});
