// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/node";

/** Publishes and receives 10,000 messages. Resolves to the payloads received and those published, as texts. */
export async function keepPayloads(client: Connection): Promise<{ received: string[]; published: string[] }> {
  const published = Array.from({ length: 10_000 }, (_, i) => `${i} ${"x".repeat(i % 300)}`);
  const kept: Uint8Array[] = [];
  client.subscribe("foo", { callback: ({ payload }) => void kept.push(payload) });
  await client.flush();
  for (const payload of published) client.publish("foo", payload);
  await client.flush();
  // Read only now: a payload whose memory was used again is another text.
  return { received: kept.map((payload) => new TextDecoder().decode(payload)), published };
}
