// SPDX-License-Identifier: Apache-2.0
// An adapter that keeps its process alive.
import { connect as sound } from "@natswire/node";

export { dialWith } from "@natswire/node";

/** @param {Parameters<typeof sound>[0]} options */
export function connect(options) {
  setInterval(() => {}, 1000);
  return sound(options);
}
