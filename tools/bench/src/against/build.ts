// SPDX-License-Identifier: Apache-2.0
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Codec } from "../parse.ts";

/** The measured packages of one build. Each build has its own classes. */
export interface Build {
  readonly codec: Codec;
  readonly session: typeof import("@natswire/session");
  readonly server: typeof import("@natswire/server");
  readonly io: typeof import("@natswire/io");
}

const packages = ["codec", "session", "server", "io"] as const;

/** Imports the build of a checkout, which finds its imports in its own node_modules. */
export async function load(checkout: string): Promise<Build> {
  const modules = packages.map((name) => import(pathToFileURL(file(checkout, name)).href));
  const [codec, session, server, io] = await Promise.all(modules);
  return { codec, session, server, io };
}

/**
 * Checks that two checkouts are built and share no file.
 *
 * @throws Error with the file, and what to do
 */
export function checkBuilds(before: string, after: string): void {
  for (const name of packages) {
    const files = [file(before, name), file(after, name)];
    const missing = files.find((one) => !existsSync(one));
    if (missing !== undefined) throw new Error(`${missing} is missing: install and build that checkout first`);
    const [one, other] = files.map((path) => realpathSync(path));
    if (one === other) throw new Error(`${one} cannot be compared with itself: name another checkout`);
  }
}

function file(checkout: string, name: (typeof packages)[number]): string {
  return join(checkout, "packages", name, "dist", "index.js");
}
