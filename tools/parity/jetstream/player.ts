// SPDX-License-Identifier: Apache-2.0
import { Client } from "../src/client.ts";
import { framesOf } from "../src/frames.ts";
import type { Data, HeaderLines, Step } from "./script.ts";
import { type Delivery, deliveryOf, type Outcome } from "./transcript.ts";

const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n';

interface Subscription {
  readonly subject: string;
  /** Its name in the transcript. */
  readonly name: string;
}

interface Connection {
  readonly who: string;
  readonly client: Client;
  readonly subscriptions: Map<number, Subscription>;
  /** The sids by subject. */
  readonly active: Map<string, number>;
  /** The end of what was taken. */
  taken: number;
}

/** The connections of a script that is being played. */
export class Player {
  readonly #port: number;
  readonly #connections = new Map<string, Connection>();
  // What the server generated, in the order in which it came.
  readonly #names: string[] = [];
  // The reply subjects of the messages that came to each subscription.
  readonly #replies = new Map<string, string[]>();
  #lastSid = 0;
  #requests = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** How many messages wait to be taken. */
  get waiting(): number {
    return [...this.#connections.values()].reduce((sum, connection) => sum + messagesOf(connection).length, 0);
  }

  /**
   * Sends what a step says. Returns the number of answers to wait for, or `undefined` if it responds to a message that was not
   * delivered.
   */
  async perform(step: Step): Promise<number | undefined> {
    if ("wait" in step) return 0;
    if ("close" in step) {
      await this.#connections.get(step.close)!.client.close();
      return 0;
    }
    const on = await this.#connection(step.by ?? "a");
    if ("request" in step) return this.#request(on, step.request, step.data, step.headers);
    if ("respond" in step) {
      const subject = this.#replies.get(step.to[0])?.[step.to[1] - 1];
      if (subject === undefined) return undefined;
      if (step.confirmed) return this.#request(on, subject, step.respond);
      on.client.send(this.#pub(subject, step.reply, step.respond));
    } else if ("send" in step) {
      if (step.reply !== undefined && !on.active.has(step.reply)) this.#subscribe(on, step.reply);
      on.client.send(this.#pub(step.send, step.reply, step.data, step.headers));
    } else if ("subscribe" in step) this.#subscribe(on, step.subscribe, step.queue);
    else {
      on.client.send(`UNSUB ${on.active.get(step.unsubscribe)!}\r\n`);
      on.active.delete(step.unsubscribe);
    }
    return 0;
  }

  /** Waits until each connection has received what the server wrote to it. */
  async catchUp(): Promise<void> {
    for (const { client } of this.#connections.values())
      if (!client.closed) await client.exchange("PING\r\n", undefined);
  }

  /** Returns what was received since the last call. */
  take(): Outcome {
    // A message may name a consumer before the answer that does.
    for (const frame of [...this.#connections.values()].flatMap(messagesOf)) this.#learn(frame);
    const outcome: Record<string, Delivery[]> = {};
    for (const on of this.#connections.values()) {
      for (const frame of messagesOf(on)) {
        const { name, subject } = on.subscriptions.get(Number(frame.split(" ", 3)[2]))!;
        const reply = /^(?:H?MSG) \S+ \d+ ([^\d ]\S*) /.exec(frame)?.[1];
        if (reply !== undefined) this.#replies.set(name, [...(this.#replies.get(name) ?? []), reply]);
        outcome[name] = [...(outcome[name] ?? []), deliveryOf(frame, subject, this.#names)];
      }
      on.taken = on.client.received.length;
    }
    return outcome;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map(({ client }) => client.close()));
  }

  async #connection(who: string): Promise<Connection> {
    const existing = this.#connections.get(who);
    if (existing !== undefined) return existing;
    const connection: Connection = {
      who,
      client: new Client(this.#port, false),
      subscriptions: new Map(),
      active: new Map(),
      taken: 0,
    };
    this.#connections.set(who, connection);
    await connection.client.info();
    await connection.client.exchange(`${CONNECT}PING\r\n`, undefined);
    return connection;
  }

  #request(on: Connection, subject: string, data: Data | undefined, headers?: HeaderLines): number {
    const inbox = `_INBOX.${on.who}.${++this.#requests}`;
    this.#subscribe(on, inbox, undefined, "answer");
    on.client.send(this.#pub(subject, inbox, data, headers));
    return 1;
  }

  #subscribe(on: Connection, subject: string, queue?: string, name = subject): void {
    const sid = ++this.#lastSid;
    on.subscriptions.set(sid, { subject, name: on.who === "a" ? name : `${on.who}: ${name}` });
    on.active.set(subject, sid);
    on.client.send(`SUB ${this.#named(subject)} ${queue === undefined ? "" : `${queue} `}${sid}\r\n`);
  }

  #pub(subject: string, reply: string | undefined, data: Data = "", headers?: HeaderLines): string {
    const payload = this.#named(typeof data === "string" ? data : JSON.stringify(data));
    const to = `${this.#named(subject)} ${reply === undefined ? "" : `${reply} `}`;
    if (headers === undefined) return `PUB ${to}${payload.length}\r\n${payload}\r\n`;
    const block = `NATS/1.0\r\n${headers.map((line) => `${this.#named(line)}\r\n`).join("")}\r\n`;
    return `HPUB ${to}${block.length} ${block.length + payload.length}\r\n${block}${payload}\r\n`;
  }

  /** Puts in the generated names and long payloads. */
  #named(text: string): string {
    return text
      .replace(/\{(\d)\}/g, (whole, n) => this.#names[Number(n) - 1] ?? whole)
      .replace(/\{(.)\*(\d+)\}/g, (_, character, times) => character.repeat(Number(times)));
  }

  /** Remembers the name of an ephemeral consumer and the id of a pinned client. */
  #learn(frame: string): void {
    const created = frame.includes("v1.consumer_create_response") ? /"name":"(\w{8,})"/.exec(frame)?.[1] : undefined;
    const pinned = /\r\nNats-Pin-Id: (\S+)\r\n/.exec(frame)?.[1];
    for (const name of [created, pinned]) if (name !== undefined && !this.#names.includes(name)) this.#names.push(name);
  }
}

function messagesOf({ client, taken }: Connection): readonly string[] {
  return framesOf(client.received.slice(taken)).frames.filter((frame) => /^H?MSG /.test(frame));
}
