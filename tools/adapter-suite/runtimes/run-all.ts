// SPDX-License-Identifier: Apache-2.0
import { type AdapterModule, type ControlledProxy, type Environment, suite } from "../suite.ts";
import type { ProxyCommand } from "./control.ts";
import type { RemoteEnvironment } from "./environment.ts";

/** The result of a case: it passed if there is no error. */
export interface CaseResult {
  readonly title: string;
  readonly error?: string | undefined;
}

/** Receives the results. */
export interface Reporter {
  /** A case begins. */
  begin?(title: string): void;
  /** A case has ended. */
  result(result: CaseResult): void;
}

// Milliseconds for one case.
const TIMEOUT = 8000;

/** Runs the cases whose titles contain `only` with an adapter, one after the other. */
export async function runAll(
  adapter: AdapterModule,
  remote: RemoteEnvironment,
  reporter: Reporter,
  only = "",
): Promise<void> {
  const environment = environmentOf(adapter, remote);
  for (const [title, run] of Object.entries(suite)) {
    if (!title.includes(only)) continue;
    reporter.begin?.(title);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`timed out after ${TIMEOUT / 1000} seconds`)), TIMEOUT);
    });
    try {
      await Promise.race([run(environment), timedOut]);
      reporter.result({ title });
    } catch (error) {
      reporter.result({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    clearTimeout(timer);
  }
}

function environmentOf({ connect, dialWith }: AdapterModule, remote: RemoteEnvironment): Environment {
  const post = async (path: string): Promise<unknown> =>
    (await fetch(`${remote.control}/${path}`, { method: "POST" })).json();
  const openProxy = async (): Promise<ControlledProxy> => {
    const port = await post("proxy");
    const perform = async <T>(command: ProxyCommand): Promise<T> => (await post(`${command}/${port}`)) as T;
    return {
      url: remote.url.replace(/\d+$/, String(port)),
      hold: () => perform("hold"),
      release: () => perform("release"),
      reset: () => perform("reset"),
      isLeft: () => perform("isLeft"),
    };
  };
  const restart = async (): Promise<void> => void (await post("restart"));
  return { ...remote, connect, dialWith: dialWith ?? noDial, restart, openProxy };
}

function noDial(): never {
  throw new Error(
    "the adapter does not export dialWith, which returns its Dial: the rules of transports are not checked",
  );
}
