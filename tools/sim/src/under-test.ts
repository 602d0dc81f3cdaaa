// SPDX-License-Identifier: Apache-2.0
// What is simulated, as one module: a broken copy takes its place.
export { ServerCore } from "@natswire/server";
export { Session } from "@natswire/session";
