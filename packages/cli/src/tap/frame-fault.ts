// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from "../format/format.ts";

/** What a tap did to a frame. */
export interface FrameFault {
  /** Whether the frame was not forwarded. */
  readonly dropped?: true | undefined;
  /** Milliseconds that the frame waited in the tap. */
  readonly delay?: number | undefined;
}

/** Returns what was done to a frame as a text. */
export function formatFault({ dropped, delay = 0 }: FrameFault): string {
  return dropped ? "dropped" : `delayed ${formatDuration(delay)}`;
}

/** Returns it as members of a JSON object, which follow others. */
export function faultMembers(fault: FrameFault | undefined): string {
  if (fault === undefined) return "";
  return fault.dropped ? ',"dropped":true' : `,"delay":${fault.delay}`;
}

/** Returns what these members say. */
export function readFault({ dropped, delay }: { dropped?: unknown; delay?: unknown }): FrameFault | undefined {
  if (dropped === true) return { dropped };
  return typeof delay === "number" ? { delay } : undefined;
}
