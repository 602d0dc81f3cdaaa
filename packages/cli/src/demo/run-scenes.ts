// SPDX-License-Identifier: Apache-2.0
import type { ListenAddress } from "@natswire/io";
import { TLS_REQUIRED } from "../output.ts";
import { type Incoming, ScriptClient, type TimedFrame } from "../replay/script-client.ts";
import { type Expectation, type Scene, scenes } from "./scenes.ts";

/** The result of an expectation. "not observed" is not a failure: the server's PINGs took longer than `wait`. */
export type Outcome = "held" | "failed" | "not observed";

/** Receives the course of the demo. */
export interface DemoReporter {
  scene(scene: Scene): void;
  frame(frame: TimedFrame): void;
  /** @param instead what was received instead, if the expectation failed */
  outcome(expected: string, outcome: Outcome, instead?: string): void;
}

/** The outcomes and frames of a demo. */
export interface DemoResult {
  readonly outcomes: readonly Outcome[];
  /** The frames in order, without the PINGs and PONGs that belong to no scene. */
  readonly transcript: readonly { readonly scene: string; readonly frame: TimedFrame }[];
}

/** How a demo runs. */
export interface DemoOptions {
  /** Milliseconds to wait for the server's PINGs, and until it closes the connection. */
  readonly wait: number;
  /** The fields of CONNECT; none by default. */
  readonly credentials?: object | undefined;
}

// Milliseconds for an answer that the server sends at once.
const ANSWER_TIMEOUT_MS = 5000;

/**
 * Plays the scenes of the demo against a server.
 *
 * @throws Failure if the server cannot be reached
 */
export async function runScenes(
  address: ListenAddress,
  reporter: DemoReporter,
  { wait, credentials }: DemoOptions,
): Promise<DemoResult> {
  const all = scenes(credentials);
  const outcomes: Outcome[] = [];
  const transcript: DemoResult["transcript"][number][] = [];
  let scene = all[0] as Scene;
  // Between a PING of the server that belongs to no scene, and its PONG.
  let isKeepAlive = false;
  const onFrame = (timed: TimedFrame): void => {
    const { frame, from } = timed;
    reporter.frame(timed);
    if (frame.op === "ping" && from === "server") isKeepAlive = scene.expectsPings !== true;
    if (!isKeepAlive) transcript.push({ scene: scene.title, frame: timed });
    if (frame.op === "pong" && from === "client") isKeepAlive = false;
  };
  const client = await ScriptClient.open(address, { timeout: ANSWER_TIMEOUT_MS, onFrame });
  const report = (expected: string, outcome: Outcome, instead?: string): boolean => {
    outcomes.push(outcome);
    reporter.outcome(expected, outcome, instead);
    return outcome === "held";
  };

  try {
    for (scene of all) {
      reporter.scene(scene);
      if (scene.send !== undefined) client.send(Buffer.from(scene.send));
      for (const expected of scene.expect) {
        if (!report(expected.text, ...(await expectFrame(client, scene, expected, wait)))) break;
      }
      if (outcomes.at(-1) === "failed") break;
      if (outcomes.at(-1) !== "held") continue;
      if (scene.reply !== undefined) client.send(Buffer.from(scene.reply));
      if (scene.closes) {
        const incoming = await client.next(ANSWER_TIMEOUT_MS);
        const isClosed = incoming !== undefined && "end" in incoming && incoming.end === "closed";
        report("the connection is closed", isClosed ? "held" : "failed", describe(incoming));
      }
    }
  } finally {
    client.close();
  }
  return { outcomes, transcript };
}

async function expectFrame(
  client: ScriptClient,
  { expectsPings = false }: Scene,
  expected: Expectation,
  wait: number,
): Promise<[Outcome, string?]> {
  while (true) {
    const incoming = await client.next(expectsPings ? wait : ANSWER_TIMEOUT_MS);
    if (incoming === undefined) return expectsPings ? ["not observed"] : ["failed", "nothing"];
    if (client.tlsRequired && ("end" in incoming || incoming.frame.op === "err")) return ["failed", TLS_REQUIRED];
    if ("end" in incoming) return ["failed", describe(incoming)];
    if (expected.matches(incoming.frame)) return ["held"];
    if (incoming.frame.op !== "ping" || expectsPings) return ["failed", describe(incoming)];
    client.send(Buffer.from("PONG\r\n"));
  }
}

function describe(incoming: Incoming | undefined): string {
  if (incoming === undefined) return "nothing";
  if ("frame" in incoming) {
    const { frame } = incoming;
    return frame.op === "err" ? `-ERR '${frame.text}'` : frame.op.toUpperCase();
  }
  const { end } = incoming;
  return end === "closed" ? "the connection was closed" : end === "TLS" ? "TLS" : end.message;
}
