// SPDX-License-Identifier: Apache-2.0
import { MsgHeaders } from "@natswire/io";
import { during, errorOf, fails, holds, same } from "./checks.ts";
import type { Cases } from "./environment.ts";

const MEBIBYTE = 1_048_576;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** What clients are for. */
export const messages: Cases = {
  "connects, and is told of the server": (on) =>
    during(on, async (one) => {
      holds(one.info !== undefined && one.info.max_payload === MEBIBYTE, "INFO is there");
      holds((await one.rtt()) >= 0, "a PING is answered");
    }),

  "publishes and subscribes": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("orders.*", { max: 100 });
      for (const i of numbers(100)) one.publish("orders.new", String(i), { reply: "back" });
      const seen: string[] = [];
      for await (const message of messages) seen.push(`${message.subject} ${message.reply} ${message.text()}`);
      same(
        seen,
        numbers(100).map((i) => `orders.new back ${i}`),
      );
    }),

  "carries headers": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("headed", { max: 1 });
      const headers = new MsgHeaders([
        ["n", "1"],
        ["n", "é"],
      ]);
      one.publish("headed", "hello", { headers });
      for await (const message of messages) {
        same([...(message.headers?.values("n") ?? [])], ["1", "é"]);
        same(message.text(), "hello");
      }
    }),

  "shares a queue group's messages out": (on) =>
    during(on, (one) =>
      during(on, async (two) => {
        const workers = [one, two].map((each) => each.subscribe("work", { queue: "q", callback: () => {} }));
        await Promise.all([one.flush(), two.flush()]);
        for (const _ of numbers(100)) one.publish("work");
        await one.flush();
        await two.flush();
        same(
          workers.reduce((sum, { received }) => sum + received, 0),
          100,
        );
      }),
    ),

  "flushes: what was published before is there behind it": (on) =>
    during(on, (one) =>
      during(on, async (two) => {
        const heard = two.subscribe("flushed", { callback: () => {} });
        await two.flush();
        for (const _ of numbers(1000)) one.publish("flushed");
        await one.flush();
        await two.flush();
        same(heard.received, 1000);
      }),
    ),

  "asks and is answered, and hears that nobody is there": (on) =>
    during(on, async (one) => {
      one.subscribe("double", { callback: (m) => void m.respond(String(2 * m.json<number>())) });
      const replies = await Promise.all(numbers(100).map((i) => one.request("double", String(i))));
      same(
        replies.map((reply) => reply.json()),
        numbers(100).map((i) => 2 * i),
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
      for (const i of numbers(50)) one.publish("work", String(i), { reply: "answers" });
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

  "stops waiting where an abort signal says so": (on) =>
    during(on, async (one) => {
      one.subscribe("silent", { callback: () => {} });
      const abort = new AbortController();
      const waiting = one.request("silent", "", { timeout: 60_000, signal: abort.signal });
      abort.abort(new Error("enough"));
      same((await errorOf(waiting)).message, "enough");
      const late = on.connect({ servers: on.url, signal: AbortSignal.abort(new Error("late")) });
      same((await errorOf(late)).message, "late");
      const dialling = new AbortController();
      const silent = on.connect({ servers: on.silent, signal: dialling.signal });
      dialling.abort(new Error("no more"));
      same((await errorOf(silent)).message, "no more");
    }),
};
