// SPDX-License-Identifier: Apache-2.0
// What the laws are about, as one module: a broken or instrumented copy takes its place.
export * from "@natswire/codec";
export * from "@natswire/server";
// Both sides have actions and messages of their own.
export { Session } from "@natswire/session";
