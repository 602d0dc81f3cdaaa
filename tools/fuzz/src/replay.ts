// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as codec from "@natswire/codec";
import * as grammar from "@natswire/codec/grammar";
import * as jetStream from "@natswire/codec/jetstream";
import * as server from "@natswire/server";
import { Session } from "@natswire/session";
import { unescaped } from "./escape.ts";
import { findingOf, formatFinding } from "./finding.ts";
import { type Foreign, foreignTarget } from "./foreign.ts";
import { targets, targetsNamed } from "./targets.ts";

/** Tries one escaped input on a target or on a parser module. Returns the exit code. */
export async function replay(word: string, input: string): Promise<number> {
  const names = targetsNamed(word);
  let findings = 0;
  for (const name of names.length === 0 ? [word] : names) {
    const finding = findingOf(name, await lawsOf(name), unescaped(input));
    console.log(finding === undefined ? `${name}: all laws hold` : formatFinding(finding));
    if (finding !== undefined) findings++;
  }
  return findings === 0 ? 0 : 1;
}

const underTest = { ...codec, ...server, grammar, jetStream, Session };

async function lawsOf(name: string): Promise<(input: Uint8Array) => void> {
  const own = targets[name];
  if (own !== undefined) return own.laws(underTest);
  return foreignTarget((await import(pathToFileURL(resolve(name)).href)) as Foreign).laws(underTest);
}
