// SPDX-License-Identifier: Apache-2.0
import type { ServerConfig, TlsOffer } from "@natswire/server";
import { defaults, type SessionConfig } from "@natswire/session";
import type { Random } from "../../testkit/random.ts";

/** The setup of a run. */
export interface Setup {
  /** What each server offers in INFO. */
  readonly tls: TlsOffer | undefined;
  /** Servers require credentials. */
  readonly isAuthorized: boolean;
  readonly maxPayload: number;
  readonly servers: readonly Partial<ServerConfig>[];
  readonly sessions: readonly SessionPlan[];
}

/** A session: its options, and the numbers of its servers. 0 is a server that never listens. */
export interface SessionPlan {
  readonly config: Omit<SessionConfig, "servers" | "random">;
  readonly servers: readonly number[];
}

/** Draws a setup: one to three servers, one to five sessions, every option. */
export function drawSetup(random: Random): Setup {
  const isAuthorized = random.once(2);
  const when = random.pick(["required", "available"] as const);
  const tls = random.once(4) ? { when, verify: false } : undefined;
  const maxPayload = 9500;
  const servers = Array.from({ length: random.pick([1, 2, 2, 3, 3]) }, () => ({
    compat: random.pick(["2.9", "2.14"] as const),
    authRequired: isAuthorized,
    authTimeout: 1000,
    pingInterval: random.pick([800, 2000]),
    pingMax: random.pick([1, 2]),
    maxPayload,
    maxPending: random.pick([3000, 40_000, 1_000_000]),
  }));
  const sessions = Array.from({ length: random.pick([1, 2, 2, 3, 4, 5]) }, () => {
    const all = servers.map((_, i) => i + 1);
    const some = all.filter(() => random.once(2));
    const named = some.length === 0 ? all : some;
    return { config: config(random, isAuthorized), servers: random.once(5) ? [0, ...named] : named };
  });
  return { tls, isAuthorized, maxPayload, servers, sessions };
}

/** Returns the options that differ from the defaults. */
export function changedOptions(config: SessionPlan["config"]): object {
  const isChanged = ([name, value]: [string, unknown]): boolean => value !== defaults[name as keyof typeof defaults];
  return Object.fromEntries(Object.entries(config).filter(isChanged));
}

function config(random: Random, hasCredentials: boolean): SessionPlan["config"] {
  return {
    ...defaults,
    hasCredentials,
    ...(random.once(4) ? { canResolve: true, allowPlaintextCredentials: true } : {}),
    name: random.once(2) ? "sim" : undefined,
    noEcho: random.once(4),
    verbose: random.once(6),
    pedantic: random.once(6),
    timeout: random.pick([600, 2000]),
    pingInterval: random.pick([300, 1000, 2000]),
    maxPingOut: random.pick([1, 2, 3]),
    reconnect: !random.once(15),
    maxReconnectAttempts: random.pick([-1, -1, -1, 3, 10]),
    ignoreAuthErrorAbort: random.once(8),
    reconnectTimeWait: random.pick([20, 100]),
    maxReconnectTimeWait: random.pick([100, 800]),
    reconnectDelay: random.once(12) ? chosenDelay : undefined,
    selectServer: random.once(8) ? ({ length }) => random.below(length + 1) : undefined,
    waitOnFirstConnect: random.once(2),
    noRandomize: random.once(2),
    ignoreClusterUpdates: random.once(8),
    maxPending: random.pick([3000, 50_000, 8_388_608]),
    whileDisconnected: random.pick(["buffer", "buffer", "reject", "drop"]),
  };
}

function chosenDelay(failures: number): number {
  if (failures % 3 === 2) throw new Error("reconnectDelay throws");
  return failures * 30;
}
