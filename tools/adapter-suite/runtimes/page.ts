// SPDX-License-Identifier: Apache-2.0
// Plays the suite in a browser, whose page calls it.
import { connect } from "@natswire/websocket";
import type { SuiteOptions } from "../suite.ts";
import type { Told } from "./environment.ts";
import { type Played, playAll } from "./run-all.ts";

declare function addEventListener(type: "unhandledrejection", hear: (event: { reason: unknown }) => void): void;

/** Certificates are the browser's own affair. */
const dialled = ({ tls: _, handshakeFirst: __, ...options }: SuiteOptions) => connect(options);

/** Plays it all. */
export async function play(told: Told): Promise<Played[]> {
  const played: Played[] = [];
  addEventListener("unhandledrejection", ({ reason }) => {
    played.push({ name: "leaves no rejection unheard", error: String(reason) });
  });
  await playAll(dialled, told, (one) => void played.push(one));
  return played;
}
