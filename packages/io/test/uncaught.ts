// SPDX-License-Identifier: Apache-2.0

const events = ["uncaughtException", "unhandledRejection"] as const;

/** Resolves to the next uncaught error, or rejection that nothing handles. The test runner does not see it. */
export function nextUncaught(): Promise<unknown> {
  const others = events.map((event) => process.listeners(event as "uncaughtException"));
  const remove = (): void => {
    for (const event of events) process.removeAllListeners(event);
  };
  remove();
  return new Promise((resolve) => {
    const end = (error: unknown): void => {
      remove();
      for (const [i, event] of events.entries())
        for (const other of others[i]!) process.on(event as "uncaughtException", other);
      resolve(error);
    };
    process.once("uncaughtException", end);
    process.once("unhandledRejection", end);
  });
}
