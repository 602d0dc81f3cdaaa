// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Millis, ModuleAction, ModuleHost, ModuleInfo, ServerModule } from "@natswire/server";
import { API_LEVEL, JetStreamAccount, SERVER_VERSION } from "./account.ts";
import { API, answer } from "./api/answer.ts";
import { Engine } from "./engine.ts";

// The subscription to the API of every account. Those of streams and consumers are the engine's, which counts from 1.
const API_SUBSCRIPTION = 0;

/** JetStream of an embedded server: what `jetstream()` returns. */
export class JetStream implements ServerModule {
  /** The highest release of which every JetStream feature is here. */
  readonly info: ModuleInfo = { version: SERVER_VERSION, jetstream: true, api_lvl: API_LEVEL };
  #engine: Engine | undefined;
  readonly #accounts = new Map<string, JetStreamAccount>();

  get deadline(): Millis | undefined {
    return this.#engine?.deadline;
  }

  started(host: ModuleHost): void {
    this.#engine = new Engine(host);
    this.#engine.add({ do: "subscribe", id: API_SUBSCRIPTION, account: undefined, pattern: API });
  }

  received(subscription: number, account: string, message: Pub): void {
    if (subscription === API_SUBSCRIPTION) answer(this.#accountOf(account), message.subject, message);
    else this.#engine?.received(subscription, message);
  }

  interestChanged(account: string, subject: string, exists: boolean): void {
    this.#engine?.interestChanged(account, subject, exists);
  }

  resumed(): void {
    this.#engine?.resumed();
  }

  elapsed(): void {
    this.#engine?.elapsed();
  }

  poll(): ModuleAction | undefined {
    return this.#engine?.poll();
  }

  #accountOf(name: string): JetStreamAccount {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      account = new JetStreamAccount(name, this.#engine!);
      this.#accounts.set(name, account);
    }
    return account;
  }
}

/** Returns a JetStream for one embedded server: `serve({ jetstream: jetstream() })`. It keeps its streams in memory. */
export function jetstream(): JetStream {
  return new JetStream();
}
