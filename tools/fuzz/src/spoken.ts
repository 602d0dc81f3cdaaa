// SPDX-License-Identifier: Apache-2.0
import type { Grammar, ServerFrame } from "@natswire/codec";
import type { Codec } from "./reading.ts";

/** What a server says, with sids as clients gave them: garbage chooses any token, not only numbers. */
export function spoken({ serverFrames }: Codec): Grammar<ServerFrame<string>> {
  return {
    ...serverFrames,
    verbs: serverFrames.verbs.map((verb) => (verb.sid === "digits" ? { ...verb, sid: "token" } : verb)),
    frame(at) {
      const frame = serverFrames.frame(at);
      return frame.op === "msg" ? { ...frame, sid: at.sidText() } : frame;
    },
  };
}
