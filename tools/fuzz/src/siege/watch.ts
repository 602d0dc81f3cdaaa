// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server's process: tells how much memory is in use when asked, and ends with whoever started it.

export interface Memory {
  /** Bytes in use after a collection, array buffers among them. */
  readonly held: number;
}

process.on("message", () => {
  // What only an array buffer's end sets free goes in the second round.
  global.gc!();
  global.gc!();
  const { heapUsed, external } = process.memoryUsage();
  process.send!({ held: heapUsed + external } satisfies Memory);
});
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
