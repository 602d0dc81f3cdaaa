// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile } from "node:child_process";

/** The environment of a guide's program: it runs on the built packages, without colours. */
export const env: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" };

/** What a program printed, and its exit code. */
export interface Ended {
  readonly printed: string;
  readonly stderr: string;
  readonly status: unknown;
}

/** Runs a program of a guide on the built packages, in a folder. */
export function run(
  file: string,
  args: readonly string[],
  cwd: string,
  began: (child: ChildProcess) => void = () => {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...args], { cwd, env }, (error, printed, stderr) => {
      resolve({ printed, stderr, status: error === null ? 0 : error.code });
    });
    began(child);
  });
}
