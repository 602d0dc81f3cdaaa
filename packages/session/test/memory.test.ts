// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { TestSession } from "./test-session.ts";

describe("a session without a connection", () => {
  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ["a Uint8Array", (bytes) => bytes],
    // Whose own slice is a view.
    ["a Buffer", (bytes) => Buffer.from(bytes)],
  ])("copies %s that is published without a connection", (_, made) => {
    const client = new TestSession();
    const [payload, headers] = [made(latin1("kept")), made(latin1("NATS/1.0\r\nA: b\r\n\r\n"))];
    client.session.publish("a", { payload });
    client.session.publish("b", { headers, payload: latin1("") });
    payload.fill(0);
    headers.fill(0);
    client.connect();
    expect(client.sent()).toBe("PUB a 4\r\nkept\r\nHPUB b 18 18\r\nNATS/1.0\r\nA: b\r\n\r\n\r\n");
  });
});
