// SPDX-License-Identifier: Apache-2.0
// Your own grammar: a NATS server's frames, and one verb more.
import { Decoder, isSubject, ProtocolError, serverFrames } from "@natswire/codec";

/** @typedef {{ op: "note", subject: string, payload: Uint8Array }} Note */

// NOTE subject size, then the payload. The kind is any number that no other verb of the table has.
const NOTE = 100;

/** @type {import("@natswire/codec").Grammar<import("@natswire/codec").ServerFrame | Note>} */
const withNotes = {
  ...serverFrames,
  verbs: [{ word: "NOTE", kind: NOTE, args: [2, 2], sid: "none", body: "size" }, ...serverFrames.verbs],
  frame(at) {
    if (at.kind !== NOTE) return serverFrames.frame(at);
    if (at.size === 0) at.fail("BAD_SIZE", "a note must not be empty");
    return { op: "note", subject: at.subject(), payload: at.payload() };
  },
};

/** @param {string} subject @param {string} text */
function note(subject, text) {
  if (!isSubject(subject)) throw new RangeError(`${subject} is no subject`);
  return Buffer.from(`NOTE ${subject} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
}

const decoder = new Decoder(withNotes);
try {
  for (const chunk of [note("build.7", "half done"), "PI", "NG\r\n", "NOTE build.7 0\r\n\r\n"]) {
    decoder.push(Buffer.from(chunk));
    for (const frame of decoder) {
      if (frame.op === "note") console.log(frame.subject, new TextDecoder().decode(frame.payload));
      else console.log(frame.op);
    }
  }
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log(error.code, "at byte", error.offset);
}
