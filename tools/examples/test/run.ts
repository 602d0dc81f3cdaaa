// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile } from "node:child_process";

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
    const options = { cwd, env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" } };
    const child = execFile(process.execPath, [file, ...args], options, (error, printed, stderr) => {
      resolve({ printed, stderr, status: error === null ? 0 : error.code });
    });
    began(child);
  });
}
