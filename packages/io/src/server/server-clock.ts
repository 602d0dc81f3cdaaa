// SPDX-License-Identifier: Apache-2.0
import { type Clock, realClock } from "../clock.ts";
import { host } from "../platform.ts";

// Fake timers that a test installs later do not replace it.
const { Date: dates } = host;

/** The machine's clock with its date, which clients do not need. */
export const serverClock: Clock = { ...realClock, wall: () => dates.now() };
