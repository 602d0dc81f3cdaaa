// SPDX-License-Identifier: Apache-2.0
import { type Environment, suite } from "../suite.ts";
import type { RemoteEnvironment } from "./environment.ts";

/** The result of a case: it passed if there is no error. */
export interface CaseResult {
  readonly title: string;
  readonly error?: string | undefined;
}

// Milliseconds for one case.
const TIMEOUT = 10_000;

/** Runs the cases whose titles contain `only` with an adapter's `connect`, one after the other. */
export async function runAll(
  connect: Environment["connect"],
  remote: RemoteEnvironment,
  report: (result: CaseResult) => void,
  only = "",
): Promise<void> {
  const post = async (path: string): Promise<void> => {
    await (await fetch(`${remote.control}/${path}`, { method: "POST" })).text();
  };
  const environment: Environment = {
    ...remote,
    connect,
    restart: () => post("restart"),
    reset: () => post("reset"),
  };
  for (const [title, run] of Object.entries(suite)) {
    if (!title.includes(only)) continue;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`timed out after ${TIMEOUT / 1000} seconds`)), TIMEOUT);
    });
    try {
      await Promise.race([run(environment), timedOut]);
      report({ title });
    } catch (error) {
      report({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    clearTimeout(timer);
  }
}
