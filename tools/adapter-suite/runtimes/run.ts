// SPDX-License-Identifier: Apache-2.0
// Plays the suite in the runtime it is started in: `<runtime> dist/run.js ADAPTER TOLD`, one line of JSON for each case.
import type { Ground } from "../suite.ts";
import type { Told } from "./environment.ts";
import { type Played, playAll } from "./run-all.ts";

const [adapter = "", told = "{}", only] = process.argv.slice(2);
const say = (played: Played): void => console.log(JSON.stringify(played));
process.on("unhandledRejection", (reason) => say({ name: "leaves no rejection unheard", error: String(reason) }));
const { connect } = (await import(adapter)) as Pick<Ground, "connect">;
await playAll(connect, JSON.parse(told) as Told, say, only);
