// SPDX-License-Identifier: Apache-2.0

const events = ["uncaughtException", "unhandledRejection"] as const;

/** Resolves to the next uncaught error or unhandled rejection. The test runner does not see it. */
export function nextUncaught(): Promise<unknown> {
  const others = events.map((event) => [event, process.rawListeners(event) as (() => void)[]] as const);
  for (const event of events) process.removeAllListeners(event);
  return new Promise((resolve) => {
    // Node emits this for a rejection, too, if it has no listener.
    process.once("uncaughtException", (error) => {
      for (const [event, listeners] of others) for (const other of listeners) process.on(event, other);
      resolve(error);
    });
  });
}
