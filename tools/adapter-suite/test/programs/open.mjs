// SPDX-License-Identifier: Apache-2.0
// An adapter that keeps its process alive.
import { connect as sound } from "@natswire/node";

export { dialWith } from "@natswire/node";

setInterval(() => {}, 1000);

/** @param {Parameters<typeof sound>[0]} options */
export const connect = (options) => sound(options);
