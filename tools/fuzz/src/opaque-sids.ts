// SPDX-License-Identifier: Apache-2.0
import type { Grammar, ServerFrame } from "@natswire/codec";
import type { Codec } from "../../../packages/fuzz/src/reading.ts";

/** Returns the grammar of server frames with opaque sids: garbage subscribes with any token as sid, not only with numbers. */
export function withOpaqueSids({ serverFrames }: Codec): Grammar<ServerFrame<string>> {
  return {
    ...serverFrames,
    verbs: serverFrames.verbs.map((verb) => (verb.sid === "digits" ? { ...verb, sid: "token" } : verb)),
    frame(at) {
      const frame = serverFrames.frame(at);
      return frame.op === "msg" ? { ...frame, sid: at.sidText() } : frame;
    },
  };
}
