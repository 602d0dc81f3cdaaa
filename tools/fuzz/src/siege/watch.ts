// SPDX-License-Identifier: Apache-2.0
// Preloaded into the server process: reports the memory in use on request, and exits with its parent.

/** The reply to a request. */
export interface Memory {
  /** The bytes in use after a garbage collection, array buffers included. */
  readonly held: number;
}

process.on("message", () => {
  // What only the end of an array buffer frees is collected in the second round.
  global.gc!();
  global.gc!();
  const { heapUsed, external } = process.memoryUsage();
  process.send!({ held: heapUsed + external } satisfies Memory);
});
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
