// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectionError, type ConnectionOptions, MsgHeaders } from "@natswire/runtime";

/** What every adapter's `connect` understands. */
export interface SuiteOptions extends Omit<ConnectionOptions, "tls"> {
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** What the suite is played on. */
export interface Ground {
  connect(options: SuiteOptions): Promise<Connection>;
  /** A server that takes payloads of 1 MiB, and no more. */
  readonly url: string;
  /** Stops that server and starts it again, on the same port. */
  restart(): Promise<void>;
  /** Servers that ask for TLS. */
  readonly secure: Secure;
}

/** Where TLS is spoken, and what with. */
export interface Secure {
  readonly url: string;
  /** Where a certificate of the client's is asked for. */
  readonly strictUrl: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A promise of every adapter, by the sentence that states it: it throws where the promise is broken. */
export type Case = (on: Ground) => Promise<void>;

const MEBIBYTE = 1_048_576;

/** The suite. It needs nothing of a runtime: a browser can play it as well. */
export const suite: Readonly<Record<string, Case>> = {
  "connects, and is told of the server": (on) =>
    during(on, async (one) => {
      holds(one.info !== undefined && one.info.max_payload === MEBIBYTE, "INFO is there");
      holds((await one.rtt()) >= 0, "a PING is answered");
    }),

  "publishes and subscribes, headers and reply included": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("orders.*", { max: 100 });
      for (let i = 0; i < 100; i++) {
        one.publish("orders.new", String(i), { reply: "back", headers: new MsgHeaders([["n", String(i)]]) });
      }
      const seen: string[] = [];
      for await (const m of messages) seen.push(`${m.reply} ${m.headers?.get("n")} ${m.text()}`);
      same(
        seen,
        Array.from({ length: 100 }, (_, i) => `back ${i} ${i}`),
      );
    }),

  "shares a queue group's messages out": (on) =>
    during(on, async (one) => {
      const two = await on.connect({ servers: on.url });
      try {
        const workers = [one, two].map((each) => each.subscribe("work", { queue: "q", callback: () => {} }));
        await Promise.all([one.flush(), two.flush()]);
        for (let i = 0; i < 100; i++) one.publish("work");
        await one.flush();
        await two.flush();
        same(
          workers.reduce((sum, { received }) => sum + received, 0),
          100,
        );
      } finally {
        await two.close();
      }
    }),

  "asks and is answered, and hears that nobody is there": (on) =>
    during(on, async (one) => {
      one.subscribe("double", { callback: (m) => void m.respond(String(2 * m.json<number>())) });
      const replies = await Promise.all(Array.from({ length: 100 }, (_, i) => one.request("double", String(i))));
      same(
        replies.map((reply) => reply.json()),
        Array.from({ length: 100 }, (_, i) => 2 * i),
      );
      await fails(one.request("nobody"), "NO_RESPONDERS");
    }),

  "asks one question of many": (on) =>
    during(on, async (one) => {
      for (const name of ["a", "b", "c"]) one.subscribe("who", { callback: (m) => void m.respond(name) });
      const names: string[] = [];
      for await (const reply of one.requestMany("who", "", { strategy: "count", maxMessages: 3 })) {
        names.push(reply.text());
      }
      same(names.sort(), ["a", "b", "c"]);
    }),

  "drains: what is under way is read, answered and confirmed": (on) =>
    during(on, async (one) => {
      const worker = await on.connect({ servers: on.url });
      const answers = one.subscribe("answers", { max: 50 });
      const work = worker.subscribe("work");
      await Promise.all([one.flush(), worker.flush()]);
      for (let i = 0; i < 50; i++) one.publish("work", String(i), { reply: "answers" });
      await one.flush();
      const done = (async () => {
        for await (const message of work) message.respond(message.payload);
      })();
      await worker.drain();
      await done;
      let count = 0;
      for await (const answer of answers) same(answer.text(), String(count++));
      same(count, 50);
    }),

  "refuses what is too large, and loses nothing else over it": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("large", { max: 1 });
      await fails((async () => one.publish("large", new Uint8Array(MEBIBYTE + 1)))(), "TOO_LARGE");
      one.publish("large", "small");
      for await (const message of messages) same(message.text(), "small");
    }),

  "stops waiting where an abort signal says so": (on) =>
    during(on, async (one) => {
      one.subscribe("silent", { callback: () => {} });
      const abort = new AbortController();
      const waiting = one.request("silent", "", { timeout: 60_000, signal: abort.signal });
      abort.abort(new Error("enough"));
      holds((await errorOf(waiting)).message === "enough", "the reason is the error");
      const late = on.connect({ servers: on.url, signal: AbortSignal.abort(new Error("late")) });
      holds((await errorOf(late)).message === "late", "nobody connects any more");
    }),

  "hands out payloads that stay as they were: 10,000 kept, and compared at the end": (on) =>
    during(on, async (one) => {
      const total = 10_000;
      const messages = one.subscribe("kept", { max: total, maxBytes: 1 << 30, maxMessages: 2 * total });
      const kept: Uint8Array[] = [];
      const done = (async () => {
        for await (const { payload } of messages) kept.push(payload);
      })();
      for (let i = 0; i < total; i++) {
        one.publish("kept", filled(i));
        if (i % 500 === 499) await one.flush();
      }
      await done;
      same(kept.length, total);
      holds(
        kept.every((payload, i) => isSame(payload, filled(i))),
        "every one is what was sent",
      );
    }),

  "carries the largest payloads, several at once": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("giant", { max: 8 });
      const giant = (seed: number): Uint8Array =>
        new Uint8Array(MEBIBYTE).map((_, i) => (i * 31 + seed + (i >> 8)) & 255);
      for (let i = 0; i < 8; i++) {
        one.publish("giant", giant(i));
        await one.ready();
      }
      let count = 0;
      for await (const { payload } of messages) holds(isSame(payload, giant(count++)), "every byte is there");
      same(count, 8);
    }),

  "finds its server again, subscriptions and what was published meanwhile included": (on) =>
    during(on, async (one) => {
      const status = one.status();
      const messages = one.subscribe("again")[Symbol.asyncIterator]();
      await one.flush();
      const restarted = on.restart();
      same((await status.next()).value?.type, "disconnect");
      one.publish("again", "kept");
      await restarted;
      same((await messages.next()).value?.text(), "kept");
      same(one.stats.reconnects, 1);
    }),

  "dials where nobody listens, and says so": async (on) => {
    await fails(on.connect({ servers: "nats://127.0.0.1:1", reconnect: false }), "REFUSED");
  },

  "goes on in TLS behind INFO": (on) => during(on, talks, { servers: on.secure.url, tls: { ca: on.secure.ca } }),

  "goes on in TLS behind INFO, with its own certificate": (on) => {
    const { strictUrl, ca, cert, key } = on.secure;
    return during(on, talks, { servers: strictUrl, reconnect: false, tls: { ca, cert, key } });
  },

  "refuses a certificate nobody vouches for": async (on) => {
    await fails(on.connect({ servers: on.secure.url, reconnect: false, tls: {} }), "TLS");
  },
};

async function talks(one: Connection): Promise<void> {
  const messages = one.subscribe("foo", { max: 2 });
  const said = ["hello", "x".repeat(500_000)];
  for (const payload of said) one.publish("foo", payload);
  const heard: string[] = [];
  for await (const message of messages) heard.push(message.text());
  same(heard, said);
}

async function during(on: Ground, what: (one: Connection) => Promise<void>, more: SuiteOptions = {}): Promise<void> {
  const one = await on.connect({ servers: on.url, reconnectTimeWait: 20, maxReconnectAttempts: -1, ...more });
  try {
    await what(one);
  } finally {
    await one.close();
  }
}

function filled(i: number): Uint8Array {
  return new Uint8Array(1 + ((i * 7) % 300)).fill(i & 255);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function holds(what: boolean, sentence: string): void {
  if (!what) throw new Error(`does not hold: ${sentence}`);
}

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${is?.slice(0, 300)} should be ${should?.slice(0, 300)}`);
}

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("should have failed");
}

async function fails(promise: Promise<unknown>, code: string): Promise<void> {
  const error = (await errorOf(promise)) as ConnectionError;
  if (error.code !== code) throw new Error(`should have failed with ${code}: ${error.code} ${error.message}`);
}
