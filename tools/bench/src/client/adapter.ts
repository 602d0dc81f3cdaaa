// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/io";

const adapters = {
  bun: () => import("@natswire/bun"),
  deno: () => import("@natswire/deno"),
  node: () => import("@natswire/node"),
};

/** Connects natswire, with the adapter of the current runtime. */
export async function connectNatswire(options: { servers: string; maxPending?: number }): Promise<Connection> {
  const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
  const { connect } = await adapters[runtime]();
  return await connect(options);
}
