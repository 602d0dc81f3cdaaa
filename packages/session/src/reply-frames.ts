// SPDX-License-Identifier: Apache-2.0
import { type Grammar, type ServerFrame, serverFrames } from "@natswire/codec";
import type { PendingOperations } from "./pending-operations.ts";

/** Returns the grammar of a server's frames, in which the subject of a reply is the string that its request has already. */
export function withReplies(operations: PendingOperations): Grammar<ServerFrame> {
  return {
    ...serverFrames,
    frame(at) {
      // Of a server's frames only messages have a sid.
      if (at.sid === 0) return serverFrames.frame(at);
      const known = at.sid === operations.inboxSid ? operations.replySubjectOf(at) : undefined;
      const subject = known ?? at.subject();
      const reply = at.reply();
      // The subject of a request has no flaw.
      const flaw = known !== undefined && reply === undefined ? undefined : at.flaw();
      return { op: "msg", subject, sid: at.sid, reply, headers: at.headers(), payload: at.payload(), flaw };
    },
  };
}
