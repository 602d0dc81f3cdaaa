// SPDX-License-Identifier: Apache-2.0
// JetStream under test as one module. A copy with a planted bug takes its place.
export * from "@natswire/jetstream-server";
