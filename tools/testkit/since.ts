// SPDX-License-Identifier: Apache-2.0
import { it } from "vitest";
import { natsServerVersion } from "./nats-server.ts";

/** Defines a test for a nats-server of at least a version; older ones skip it. `npm run prove -- conformance` runs it. */
export function since(wanted: string, title: string, test: () => Promise<void>): void {
  const version = natsServerVersion();
  const isOld = version.localeCompare(wanted, "en", { numeric: true }) < 0;
  if (isOld) it.skip(`${title} (needs nats-server ${wanted}, not ${version})`, test);
  else it(title, test);
}
