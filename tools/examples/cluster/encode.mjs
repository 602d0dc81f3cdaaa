// SPDX-License-Identifier: Apache-2.0
// Writes what a server sends on a route.
import { encodeRoute } from "@natswire/codec/cluster";

const interest = encodeRoute({
  op: "rs+",
  account: "$G",
  subject: "orders.*",
  queue: "workers",
  weight: 2,
});
const message = encodeRoute({
  op: "rmsg",
  account: "$G",
  subject: "orders.new",
  reply: "inbox.1",
  queues: ["workers"],
  payload: new TextEncoder().encode("apple"), // with `headers`, it is an HMSG
});
console.log(JSON.stringify(Buffer.concat([interest, message]).toString()));
