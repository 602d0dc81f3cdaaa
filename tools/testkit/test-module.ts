// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "../../packages/codec/src/index.ts";
import type { ModuleAction, ModuleHost, ModuleInfo, Publisher, ServerModule } from "../../packages/server/src/index.ts";
import { fromLatin1, latin1 } from "./latin1.ts";

/** A module whose inputs and actions a test sees and chooses. */
export class TestModule implements ServerModule {
  readonly info: ModuleInfo;
  host!: ModuleHost;
  deadline: number | undefined;
  /** What happened, one line for each input. */
  readonly inputs: string[] = [];
  readonly publishers: (Publisher | undefined)[] = [];
  readonly #actions: ModuleAction[];
  /** Does something with a message. */
  answer: (message: Pub, account: string) => void = () => {};
  /** Adds more actions when none is left. */
  more: () => void = () => {};

  constructor(actions: readonly ModuleAction[] = [], info: ModuleInfo = {}) {
    this.#actions = [...actions];
    this.info = info;
  }

  /** Takes what happened since the last call. */
  get log(): string[] {
    return this.inputs.splice(0);
  }

  /** Has the server perform an action: after this input, or soon. */
  act(...actions: readonly ModuleAction[]): void {
    this.#actions.push(...actions);
  }

  /** Publishes a message in the global account. */
  publish(subject: string, payload: string, { account = "$G", reply, to }: Partial<Publishing> = {}): void {
    this.act({ do: "publish", account, message: pub(subject, payload, reply), to });
  }

  started(host: ModuleHost): void {
    this.host = host;
    this.inputs.push("started");
  }

  received(subscription: number, account: string, message: Pub, publisher: Publisher | undefined): void {
    this.inputs.push(`${subscription} ${account} ${message.subject} ${fromLatin1(message.payload)}`);
    this.publishers.push(publisher);
    this.answer(message, account);
  }

  interestChanged(account: string, subject: string, exists: boolean, queue: string | undefined): void {
    this.inputs.push(`${exists ? "+" : "-"} ${account} ${subject}${queue === undefined ? "" : ` ${queue}`}`);
  }

  resumed(): void {
    this.inputs.push("resumed");
  }

  elapsed(): void {
    this.inputs.push(`elapsed ${this.host.now}`);
    this.deadline = undefined;
  }

  poll(): ModuleAction | undefined {
    if (this.#actions.length === 0) this.more();
    return this.#actions.shift();
  }
}

interface Publishing {
  readonly account: string;
  readonly reply: string | undefined;
  readonly to: string | undefined;
}

/** Returns a message. */
export function pub(subject: string, payload: string, reply?: string): Pub {
  return { op: "pub", subject, reply, headers: undefined, payload: latin1(payload), flaw: undefined };
}
