// SPDX-License-Identifier: Apache-2.0
// An adapter that blocks its process.
export { dialWith } from "@natswire/node";

export function connect() {
  for (;;);
}
