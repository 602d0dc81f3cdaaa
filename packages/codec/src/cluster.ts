// SPDX-License-Identifier: Apache-2.0
/**
 * The protocols between NATS servers: routes of a cluster, leafnodes and gateways, in both directions.
 *
 * The grammars are for a `Decoder`, a `Scanner` or `frames`. A connection must have neither TLS nor compression: set
 * `compression: off` in the `cluster` and `leafnodes` blocks of nats-server. Bytes that are compressed are an `UNKNOWN_VERB`.
 *
 * @module
 */

export type {
  AccountInterest,
  GatewayFrame,
  LeafFrame,
  LeafMsg,
  LeafSub,
  LeafUnsub,
  LinkConnect,
  LinkFrame,
  LinkInfo,
  LinkInput,
  RouteFrame,
  RouteLeafMsg,
  RouteLeafSub,
  RouteLeafUnsub,
  RouteMsg,
  RouteSub,
  RouteUnsub,
} from "./cluster/frames.ts";
export { encodeGateway, gatewayFrames } from "./cluster/gateway.ts";
export { encodeLeaf, leafFrames } from "./cluster/leaf.ts";
export { encodeRoute, type RouteOptions, routeFrames } from "./cluster/route.ts";
export { RouteLink } from "./cluster/route-link.ts";
export { UsageError, type UsageErrorCode } from "./errors.ts";
