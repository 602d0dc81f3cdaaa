// SPDX-License-Identifier: Apache-2.0
// `RUNTIME dial.ts {"adapter", "addresses", "options"}` connects, with `addresses` for every name, and prints what happens as lines
// of JSON until its input ends. Without options it prints the addresses of localhost.
import process from "node:process";
import type { Connection, ConnectionOptions, Dial } from "@natswire/io";

const { adapter, addresses, options } = JSON.parse(process.argv[2]!);
const { connect, dialWith } = (await import(adapter)) as {
  connect(options: ConnectionOptions): Promise<Connection>;
  dialWith(): Dial;
};
const say = (what: unknown): void => console.log(JSON.stringify(what));
if (options === undefined) say(await dialWith().resolve?.("localhost"));
else {
  try {
    const client = await connect({ ...options, resolve: () => addresses });
    client.onStatus(({ type }) => say(type));
    say("connect");
    for await (const _ of process.stdin);
    await client.close();
  } catch (error) {
    say(String(error));
  }
}
