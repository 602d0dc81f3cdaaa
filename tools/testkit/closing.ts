// SPDX-License-Identifier: Apache-2.0
import { onTestFinished } from "vitest";

/** Closes something after the test, the last opened first: clients close before their server. Returns it. */
export function closing<Opened extends { close(): Promise<unknown> }>(opened: Opened): Opened {
  onTestFinished(async () => void (await opened.close()));
  return opened;
}
