// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { frameOf } from "../grammar/arbitrary.ts";
import type { GatewayFrame, LeafFrame, RouteFrame } from "./frames.ts";
import { gatewayGrammar } from "./gateway.ts";
import { leafGrammar } from "./leaf.ts";
import type { LinkGrammar } from "./link-grammar.ts";
import { type RouteOptions, routeGrammar } from "./route.ts";

/** Generates a frame between two servers of a cluster, for `encodeRoute` with the same options. */
export function routeFrame(options: RouteOptions = {}): fc.Arbitrary<RouteFrame> {
  return framesOf(routeGrammar(options));
}

/** Generates a frame between a server and its leafnode. */
export const leafFrame: fc.Arbitrary<LeafFrame> = framesOf(leafGrammar);

/** Generates a frame between two clusters. */
export const gatewayFrame: fc.Arbitrary<GatewayFrame> = framesOf(gatewayGrammar);

function framesOf<F>(grammar: LinkGrammar<F, string>): fc.Arbitrary<F> {
  // Their known fields have types, which rows do not know.
  const rows = grammar.rows.filter(({ line }) => line !== "json");
  const info = record({
    server_id: fc.string(),
    lnocu: fc.boolean(),
    route_pool_size: fc.nat(),
    route_account: fc.string(),
  });
  const options = record({
    name: fc.string(),
    cluster: fc.string(),
    lnoc: fc.boolean(),
    deny_pub: fc.array(fc.string()),
  });
  return fc.oneof(
    { weight: rows.length, arbitrary: frameOf({ rows }).map(grammar.fromRow) },
    { weight: 1, arbitrary: info.map((info) => ({ op: "info", info })) as fc.Arbitrary<F> },
    { weight: 1, arbitrary: options.map((options) => ({ op: "connect", options })) as fc.Arbitrary<F> },
  );
}

/** Generates an object with some of these fields, and one that is not known. */
function record(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  const later = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  return fc.record({ ...fields, later }, { requiredKeys: [], noNullPrototype: true });
}
