// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, encode } from "@natswire/codec";
import type { ListenAddress } from "@natswire/io";
import { TLS_REQUIRED } from "../output.ts";
import { type Incoming, ScriptClient, type TimedFrame } from "../replay/script-client.ts";
import { announced, type DemoReporter, formatObject, type Outcome } from "./reporter.ts";
import { type Scene, scenes } from "./scenes.ts";

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
    reporter.frame({ connection: 1, at: timed.at, from: timed.from, view: timed });
    if (frame.op === "ping" && from === "server") isKeepAlive = scene.expectsPings !== true;
    if (!isKeepAlive) transcript.push({ scene: scene.title, frame: timed });
    if (frame.op === "pong" && from === "client") isKeepAlive = false;
  };
  const client = await ScriptClient.open(address, { timeout: ANSWER_TIMEOUT_MS, onSent: onFrame });
  const send = (frame: ClientFrame): void => {
    reporter.code(formatObject(frame));
    client.send(encode(frame));
  };
  // A frame is reported when it is taken, so that its outcome follows it.
  const receive = async (text: string, timeout: number): Promise<Incoming | undefined> => {
    const limit = `${text}, at most ${timeout / 1000} s`;
    const incoming = await announced(reporter, limit, client.next(timeout));
    if (incoming !== undefined && "frame" in incoming) onFrame(incoming);
    return incoming;
  };
  const report = (text: string, outcome: Outcome, instead?: string): boolean => {
    outcomes.push(outcome);
    reporter.outcome(text, outcome, instead);
    return outcome === "held";
  };
  /** Receives the frame that the scene expects next, and reports whether it came. */
  const expectFrame = async ({ text, matches }: Scene["expect"][number]): Promise<boolean> => {
    const { expectsPings = false } = scene;
    const fail = (instead: string): boolean => report(text, "failed", instead);
    while (true) {
      const incoming = await receive(text, expectsPings ? wait : ANSWER_TIMEOUT_MS);
      if (incoming === undefined) return expectsPings ? report(text, "not observed") : fail("nothing");
      if (client.tlsRequired && ("end" in incoming || incoming.frame.op === "err")) return fail(TLS_REQUIRED);
      if ("end" in incoming) return fail(describe(incoming));
      if (matches(incoming.frame)) return report(formatObject(incoming.frame), "held");
      if (incoming.frame.op !== "ping" || expectsPings) return fail(describe(incoming));
      send({ op: "pong" });
    }
  };

  try {
    for (scene of all) {
      reporter.scene(scene.title);
      for (const frame of scene.send ?? []) send(frame);
      for (const expected of scene.expect) if (!(await expectFrame(expected))) break;
      if (outcomes.at(-1) === "failed") break;
      if (outcomes.at(-1) !== "held") continue;
      if (scene.reply !== undefined) send(scene.reply);
      if (scene.closes) {
        const incoming = await receive("the close", ANSWER_TIMEOUT_MS);
        const isClosed = incoming !== undefined && "end" in incoming && incoming.end === "closed";
        report("the connection is closed", isClosed ? "held" : "failed", describe(incoming));
      }
    }
  } finally {
    client.close();
  }
  return { outcomes, transcript };
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
