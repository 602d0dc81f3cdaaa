// SPDX-License-Identifier: Apache-2.0
import { serverFrames } from "@natswire/codec";
import type { DebugLog } from "../client/connection-options.ts";
import { checkFunction } from "../options.ts";
import { host } from "../platform.ts";
import { formatEntries } from "./format-frame.ts";
import { FrameRecorder, type TranscriptEntry } from "./frame-recorder.ts";
import { redactedFrame } from "./redacted.ts";

/** Called with each frame that is sent or received, without credentials, and with the frame as a line of text. */
export type DebugHook = (entry: TranscriptEntry, line: string) => void;

/**
 * Returns a log of every frame that is sent or received, for the option `debug` of `connect`. It hides credentials.
 *
 * @param hook called with each frame; by default the lines are printed with `console.error`. What it throws is reported like
 * the error of a callback
 * @throws UsageError BAD_FIELD if the hook is not a function
 *
 * @example
 * ```js
 * import { connect, logFrames, serve } from "@natswire/node";
 *
 * const server = await serve();
 * let log = "";
 * const debug = logFrames((_, line) => {
 *   log += `${line}\n`;
 * });
 * const client = await connect({ servers: server.url, debug });
 * client.publish("greet", "hello");
 * await client.close();
 * await server.close();
 * console.log(log.includes("1 -> PUB greet 5␍␊hello")); // true
 * ```
 */
export function logFrames(hook: DebugHook = print): DebugLog {
  checkFunction("hook", hook);
  return {
    open(connection, thrown) {
      const add = (entry: TranscriptEntry): void => {
        const shown = { ...entry, frame: redactedFrame(entry.frame) };
        try {
          hook(shown, formatEntries([shown]));
        } catch (error) {
          thrown(error);
        }
      };
      return new FrameRecorder({ add, connection, limits: serverFrames.limits });
    },
  };
}

function print(_: TranscriptEntry, line: string): void {
  host.console.error(line);
}
