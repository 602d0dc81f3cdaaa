// SPDX-License-Identifier: Apache-2.0
// Writes what a server sends on a route.
import { encodeRoute } from "@natswire/codec/cluster";

const interest = encodeRoute({
  op: "rs+",
  account: "$G",
  subject: "orders.*",
  queue: "workers",
  weight: 2,
  flaw: undefined,
});
const message = encodeRoute({
  op: "rmsg",
  account: "$G",
  subject: "orders.new",
  reply: "inbox.1",
  queues: ["workers"],
  headers: undefined, // HMSG if it has some
  payload: new TextEncoder().encode("apple"),
  flaw: undefined,
});
console.log(JSON.stringify(Buffer.concat([interest, message]).toString()));
