// SPDX-License-Identifier: Apache-2.0
// The code under test, as one module: a copy with a planted bug replaces it.
export { connectWith } from "@natswire/io";
export { ServerCore } from "@natswire/server";
export { Session } from "@natswire/session";
