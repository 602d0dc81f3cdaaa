// SPDX-License-Identifier: Apache-2.0
// Preloaded into the server's process: reports its memory on request, and exits with the process that started it.
import { bytesInUse } from "../memory-in-use.ts";

/** The answer to a request. */
export interface Memory {
  /** Bytes in use after a garbage collection, array buffers included. */
  readonly bytes: number;
}

process.on("message", () => void process.send!({ bytes: bytesInUse() } satisfies Memory));
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
