// SPDX-License-Identifier: Apache-2.0
// connect.ts { OPTIONS, WITHIN }: a client that keeps what comes back to it, and says whether that is what it sent, or why it
// is not let in; it waits WITHIN milliseconds for that where they are told.
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
