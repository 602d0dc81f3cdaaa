// SPDX-License-Identifier: Apache-2.0
// Plays the suite in the runtime it is started in: `<runtime> dist/play.js PACKAGE GROUND`, one line of JSON for each case.
import { type Ground, type Secure, suite } from "../suite.ts";

/** What the program that starts this one tells it, as JSON. */
export interface Told {
  readonly url: string;
  readonly secure: Secure;
  /** To POST to, for a restart of the server. */
  readonly restart: string;
}

/** A line of the output. */
export interface Played {
  readonly name: string;
  readonly error?: string | undefined;
}

const [adapter = "", told = "{}"] = process.argv.slice(2);
const { connect } = (await import(adapter)) as Pick<Ground, "connect">;
const { url, secure, restart } = JSON.parse(told) as Told;
const ground: Ground = {
  connect,
  url,
  secure,
  async restart() {
    await (await fetch(restart, { method: "POST" })).text();
  },
};
process.on("unhandledRejection", (reason) => say({ name: "leaves no rejection unheard", error: String(reason) }));
for (const [name, play] of Object.entries(suite)) {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("takes more than 10 seconds")), 10_000).unref();
  });
  try {
    await Promise.race([play(ground), late]);
    say({ name });
  } catch (error) {
    say({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function say(played: Played): void {
  console.log(JSON.stringify(played));
}
