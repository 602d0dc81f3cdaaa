// SPDX-License-Identifier: Apache-2.0
// The machines under test, as one module: a copy with a planted bug replaces it.
export { ServerCore } from "@natswire/server";
export { Session } from "@natswire/session";
