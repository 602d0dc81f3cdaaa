// SPDX-License-Identifier: Apache-2.0
// connect.ts {"options", "within"}: publishes to itself and prints whether it received the same payloads, or why it could not
// connect. It waits at most `within` milliseconds; by default without a limit.
import process from "node:process";
import { connect } from "@natswire/deno";

const MESSAGES = 120;
const { options, within } = JSON.parse(process.argv[2]!);
try {
  const signal = within === undefined ? undefined : AbortSignal.timeout(within);
  const client = await connect({ ...options, signal });
  const came: Uint8Array[] = [];
  const all = new Promise<void>((resolve) => {
    client.subscribe("back", { callback: ({ payload }) => void (came.push(payload) === MESSAGES && resolve()) });
  });
  const sent = Array.from({ length: MESSAGES }, (_, i) => new Uint8Array([1, 300, 9000, 100_000][i % 4]!).fill(i));
  for (const payload of sent) if (!client.publish("back", payload)) await client.ready();
  await all;
  say({
    isSame: came.every((payload, i) => payload.every((byte) => byte === i % 256) && payload.length === sent[i]!.length),
  });
  await client.close();
} catch (error) {
  const { name, message } = error as Error;
  say({ name, message });
}

function say(what: unknown): void {
  console.log(JSON.stringify(what));
}
