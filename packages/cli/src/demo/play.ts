// SPDX-License-Identifier: Apache-2.0
import { NO_TLS } from "../output.ts";
import { type Expectation, type Scene, scenes } from "./scenes.ts";
import { type Crossing, Wire } from "./wire.ts";

/** How an expectation went; "not observed" is no failure, it only took longer than we wait. */
export type Outcome = "held" | "failed" | "not observed";

/** Who watches the play. */
export interface Audience {
  scene(scene: Scene): void;
  crossing(crossing: Crossing): void;
  outcome(says: string, outcome: Outcome, instead?: string): void;
}

/** What became of a play. */
export interface Account {
  readonly outcomes: readonly Outcome[];
  /** Frames in order, without the server's PINGs and our answers outside the ping scenes. */
  readonly transcript: readonly { readonly scene: string; readonly crossing: Crossing }[];
}

/** How long the server may take for an answer that needs no waiting. */
const PATIENCE = 5000;

/**
 * Plays the protocol demo against a server.
 *
 * @param wait milliseconds to wait for what the server does by itself: its PINGs, and cutting off a silent client
 * @param login what CONNECT says
 * @throws the socket's error where the server cannot be reached
 */
export async function play(
  host: string,
  port: number,
  wait: number,
  audience: Audience,
  login?: object,
): Promise<Account> {
  const all = scenes(login);
  const outcomes: Outcome[] = [];
  const transcript: Account["transcript"][number][] = [];
  let scene = all[0] as Scene;
  let routine = false;
  const wire = await Wire.open(host, port, (crossing) => {
    audience.crossing(crossing);
    if (crossing.frame.op === "ping" && crossing.from === "server") routine = scene.pings === undefined;
    if (!routine) transcript.push({ scene: scene.title, crossing });
    if (crossing.frame.op === "pong" && crossing.from === "client") routine = false;
  });
  const settle = (says: string, outcome: Outcome, instead?: string): boolean => {
    outcomes.push(outcome);
    audience.outcome(says, outcome, instead);
    return outcome === "held";
  };

  try {
    for (scene of all) {
      audience.scene(scene);
      if (scene.send !== undefined) wire.send(scene.send);
      for (const expected of scene.expect) {
        if (!settle(expected.says, ...(await hear(wire, scene, expected, wait)))) break;
      }
      if (outcomes.at(-1) !== "held") {
        if (outcomes.at(-1) === "failed") break;
        continue;
      }
      if (scene.answer !== undefined) wire.send(scene.answer);
      if (scene.closes) {
        const end = await wire.next(PATIENCE);
        settle(
          "the connection is closed",
          end === "closed" ? "held" : "failed",
          end === "closed" ? undefined : name(end),
        );
      }
    }
  } finally {
    wire.close();
  }
  return { outcomes, transcript };
}

async function hear(wire: Wire, scene: Scene, expected: Expectation, wait: number): Promise<[Outcome, string?]> {
  const byItself = scene.pings !== undefined;
  for (;;) {
    const heard = await wire.next(byItself ? wait : PATIENCE);
    if (heard === undefined) return byItself ? ["not observed"] : ["failed", "nothing"];
    if (wire.wantsTls && (heard instanceof Error || heard === "closed" || heard.op === "err"))
      return ["failed", NO_TLS];
    if (heard instanceof Error || heard === "closed") return ["failed", name(heard)];
    if (expected.is(heard)) return ["held"];
    if (heard.op !== "ping" || byItself) return ["failed", name(heard)];
    wire.send("PONG\r\n");
  }
}

function name(heard: Awaited<ReturnType<Wire["next"]>>): string {
  if (heard === undefined) return "nothing";
  if (heard === "closed") return "the connection was closed";
  return heard instanceof Error ? heard.message : heard.op === "err" ? `-ERR '${heard.text}'` : heard.op;
}
