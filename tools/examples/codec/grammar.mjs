// SPDX-License-Identifier: Apache-2.0
// Your own grammar: some answers of beanstalkd, a work queue.
import { Decoder, ProtocolError } from "@natswire/codec";
import { compileGrammar, frameEncoder } from "@natswire/codec/grammar";

const answers = compileGrammar([
  { word: "INSERTED", line: "#id" },
  { word: "RESERVED", line: "#id size" },
  { word: "KICKED", line: "[#count]" },
  { word: "USING", line: "tube" },
  { word: "OK", line: "size" },
  { word: "NOT_FOUND", line: "" },
]);

const encode = frameEncoder(answers);
const job = new TextEncoder().encode("send a mail");
const stream = Buffer.concat([
  encode({ op: "inserted", id: 7 }),
  encode({ op: "reserved", id: 7, payload: job }),
  encode({ op: "not_found" }),
]);
console.log(JSON.stringify(stream.toString()));

const decoder = new Decoder(answers);
decoder.push(stream);
for (const frame of decoder) {
  if (frame.op === "inserted") console.log("job", frame.id);
  else if (frame.op === "reserved") console.log("job", frame.id, "has", frame.payload.length, "bytes");
  else console.log(frame);
}

try {
  encode({ op: "using", tube: "mails\r\nNOT_FOUND" });
} catch (error) {
  console.log(String(error));
}

// What the rows cannot say: the payload of OK is a list of statistics, `name: value`.
const statistics = {
  ...answers,
  /** @param {import("@natswire/codec").FrameCursor} at */
  frame(at) {
    const frame = answers.frame(at);
    if (frame.op !== "ok") return frame;
    const lines = new TextDecoder().decode(frame.payload).split("\n");
    if (lines[0] !== "---") at.fail("BAD_ARGUMENTS", "OK without statistics");
    const values = Object.fromEntries(lines.slice(1).map((line) => line.split(": ")));
    return { op: frame.op, values };
  },
};

const monitor = new Decoder(statistics);
monitor.push(Buffer.from("OK 20\r\n---\njobs: 3\ntubes: 1\r\nOK 2\r\nhi\r\n"));
try {
  for (const frame of monitor) if ("values" in frame) console.log(frame.values.jobs, "jobs");
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log(error.code, "at byte", error.offset);
}
