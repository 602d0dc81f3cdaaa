// SPDX-License-Identifier: Apache-2.0
// Your own grammar: the protocol between the servers of a cluster.
import { Decoder, ProtocolError } from "@natswire/codec";
import { compileGrammar, frameEncoder } from "@natswire/codec/grammar";

const route = compileGrammar([
  { word: "INFO", line: "json", limit: "info" },
  { word: "CONNECT", line: "json" },
  { word: "RS+", line: "account subject [queue #weight]" },
  { word: "RS-", line: "account subject [queue]" },
  { word: "RMSG", line: "account subject [middle...] size" },
  { word: "HMSG", line: "account subject [middle...] headers-size size" },
  { word: "-ERR", line: "text" },
  { word: "PING", line: "" },
  { word: "PONG", line: "" },
]);

const encode = frameEncoder(route);
const work = new TextEncoder().encode("hello");
const stream = Buffer.concat([
  encode({ op: "rs+", account: "$G", subject: "work", queue: "q1", weight: 2 }),
  encode({ op: "rmsg", account: "$G", subject: "work", middle: ["|", "q1", "q2"], payload: work }),
  encode({ op: "ping" }),
]);
console.log(JSON.stringify(stream.toString()));

const decoder = new Decoder(route);
decoder.push(stream);
for (const frame of decoder) {
  if (frame.op === "rs+") console.log(frame.account, frame.subject, frame.queue, frame.weight);
  else if (frame.op === "rmsg") console.log(frame.subject, frame.middle, frame.payload.length);
  else console.log(frame);
}

try {
  encode({ op: "rs-", account: "$G", subject: "work\r\nPING" });
} catch (error) {
  console.log(String(error));
}

// What the rows cannot say: one argument is a reply, "+ reply queues..." and "| queues..." are more.
const routeMessages = {
  ...route,
  /** @param {import("@natswire/codec").FrameCursor} at */
  frame(at) {
    const frame = route.frame(at);
    if (frame.op !== "rmsg") return frame;
    const { middle, ...message } = frame;
    if (middle.length < 2) return { ...message, reply: middle[0], queues: [] };
    const [mark, ...names] = middle;
    if (mark === "|") return { ...message, reply: undefined, queues: names };
    if (mark !== "+") at.fail("BAD_ARGUMENTS", `RMSG with ${middle.length} names, but no mark`);
    return { ...message, reply: names[0], queues: names.slice(1) };
  },
};

const messages = new Decoder(routeMessages);
messages.push(Buffer.from("RMSG A b + inbox.1 q1 q2 0\r\n\r\nRMSG A b inbox.1 q1 0\r\n\r\n"));
try {
  for (const frame of messages) if ("queues" in frame) console.log(frame.reply, frame.queues);
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log(error.code, "at byte", error.offset);
}
