// SPDX-License-Identifier: Apache-2.0

import type { Codec } from "../../../packages/fuzz/src/reading.ts";
import { stream } from "../../../packages/fuzz/src/stream.ts";
import type { Random } from "../../testkit/random.ts";
import { fields, headerBlock, jsonText } from "./generate.ts";
import { clusterLaws } from "./laws/cluster.ts";
import { decoderLaws } from "./laws/decoder.ts";
import { encoderLaws } from "./laws/encoder.ts";
import { everyInput, exhaustiveLaws } from "./laws/exhaustive.ts";
import { grammarLaws } from "./laws/grammar.ts";
import { headerLaws } from "./laws/headers.ts";
import { jetStreamLaws, jetStreamText } from "./laws/jetstream.ts";
import { jetStreamServerLaws, jetStreamTalk } from "./laws/jetstream-server.ts";
import { jsonLaws } from "./laws/json.ts";
import { rewriteLaws } from "./laws/rewrite.ts";
import { roundTripLaws } from "./laws/round-trip.ts";
import { scannerLaws } from "./laws/scanner.ts";
import { conversation, serverLaws } from "./laws/server.ts";
import { serverTalk, sessionLaws } from "./laws/session.ts";
import { callLaws, calls } from "./laws/session-calls.ts";
import { infoLaws, infos } from "./laws/session-info.ts";
import { subjectLaws } from "./laws/subject.ts";
import type { UnderTest } from "./under-test.ts";

/** Something to fuzz: the laws that every input must keep, and a source of inputs. */
export interface Target {
  /** Throws `LawBroken`, or what the code under test throws, if the input breaks a law. */
  readonly laws: (codec: UnderTest) => (input: Uint8Array) => void;
  /** Generates an input. */
  readonly generate: (codec: Codec, random: Random) => Uint8Array;
  /** For an exhaustive target: the number of inputs, and each of them. */
  readonly all?: { readonly count: number; readonly at: (index: number) => Uint8Array };
  /** What the laws counted: for example, the reasons for which differences were allowed. */
  readonly notes?: () => Readonly<Record<string, number>>;
}

/** The target of a worker. */
export interface TargetData {
  readonly target: string;
  /** The file URL of a bundled codec to test; the built one by default. */
  readonly codec?: string | undefined;
}

/** The targets by name. */
export const targets: Readonly<Record<string, Target>> = {
  "decoder-server-frames": {
    laws: (codec) => decoderLaws(codec, "server"),
    generate: (codec, random) => stream(codec, "server", random),
  },
  "decoder-client-frames": {
    laws: (codec) => decoderLaws(codec, "client"),
    generate: (codec, random) => stream(codec, "client", random),
  },
  scanner: {
    laws: scannerLaws,
    generate: (codec, random) => stream(codec, random.once(2) ? "server" : "client", random),
  },
  rewrite: {
    laws: rewriteLaws,
    generate: (codec, random) => stream(codec, random.once(2) ? "server" : "client", random),
  },
  server: { laws: serverLaws, generate: conversation },
  "session-bytes": { laws: sessionLaws, generate: serverTalk },
  "session-info": { laws: infoLaws, generate: infos },
  "session-calls": { laws: callLaws, generate: calls },
  "round-trip": { laws: roundTripLaws, generate: (_, random) => choices(random) },
  grammar: { laws: grammarLaws, generate: (_, random) => choices(random) },
  cluster: { laws: clusterLaws, generate: (_, random) => choices(random) },
  encoder: { laws: encoderLaws, generate: (_, random) => fields(random) },
  headers: { laws: headerLaws, generate: (_, random) => headerBlock(random) },
  jetstream: { laws: jetStreamLaws, generate: (_, random) => jetStreamText(random) },
  "jetstream-server": { laws: jetStreamServerLaws, generate: (_, random) => jetStreamTalk(random) },
  json: { laws: jsonLaws, generate: (_, random) => jsonText(random) },
  subject: { laws: subjectLaws, generate: (_, random) => fields(random) },
  exhaustive: {
    laws: exhaustiveLaws,
    generate: (_, random) => everyInput.at(random.below(everyInput.count)),
    all: everyInput,
  },
};

/**
 * Returns the targets that a word on the command line stands for: `decoder` is both of them, `all` is every target.
 *
 * @throws Error if the word names a target as it was called when it was named after the receiver
 */
export function targetsNamed(word: string): string[] {
  const now = renamed[word];
  if (now !== undefined) throw new Error(`there is no target "${word}" any more: write "${now}"`);
  return Object.keys(targets).filter((name) => word === "all" || name === word || name.startsWith(`${word}-`));
}

const renamed: Readonly<Record<string, string>> = {
  "decoder-client": "decoder-server-frames",
  "decoder-server": "decoder-client-frames",
};

function choices(random: Random): Uint8Array {
  const bytes = new Uint8Array(4 + random.below(60));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  return bytes;
}
