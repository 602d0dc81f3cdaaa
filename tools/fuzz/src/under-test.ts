// SPDX-License-Identifier: Apache-2.0
// The code under test as one module. A copy with a planted bug, or an instrumented one, takes its place.
export * from "@natswire/codec";
export * as cluster from "@natswire/codec/cluster";
export * as grammar from "@natswire/codec/grammar";
export * as jetStream from "@natswire/codec/jetstream";
export * as rewrite from "@natswire/codec/rewrite";
export * as jetStreamServer from "@natswire/jetstream-server";
export * from "@natswire/server";
// Both packages have types named Action and Message.
export { Session } from "@natswire/session";

/** The codec, the server and the session under test. */
export type UnderTest = typeof import("./under-test.ts");
