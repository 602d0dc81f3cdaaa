// SPDX-License-Identifier: Apache-2.0
import { type HeadersInput, MsgHeaders } from "@natswire/io";
import { check, equal, errorOf, rejects, withConnection } from "./checks.ts";
import type { Cases } from "./environment.ts";

const MEBIBYTE = 1_048_576;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Publish/subscribe, request/reply, flush and drain. */
export const messages: Cases = {
  "connects and receives INFO": (on) =>
    withConnection(on, async (one) => {
      check(one.info !== undefined && one.info.max_payload === MEBIBYTE, "the connection has an INFO");
      check((await one.rtt()) >= 0, "the server answers a PING");
    }),

  "publishes and subscribes": (on) =>
    withConnection(on, async (one) => {
      const messages = one.subscribe("orders.*", { max: 100 });
      for (const i of numbers(100)) one.publish("orders.new", String(i), { reply: "back" });
      const seen: string[] = [];
      for await (const message of messages) seen.push(`${message.subject} ${message.reply} ${message.text()}`);
      equal(
        seen,
        numbers(100).map((i) => `orders.new back ${i}`),
      );
    }),

  "sends and receives headers": (on) =>
    withConnection(on, async (one) => {
      const messages = one.subscribe("headed", { max: 1 });
      const headers = new MsgHeaders([
        ["n", "1"],
        ["n", "é"],
      ]);
      one.publish("headed", "hello", { headers });
      for await (const message of messages) {
        equal([...(message.headers?.values("n") ?? [])], ["1", "é"]);
        equal(message.text(), "hello");
      }
    }),

  "takes headers as an object, pairs and Headers": (on) =>
    withConnection(on, async (one) => {
      const inputs: HeadersInput[] = [{ n: ["1", "é"] }, [["n", "1"]], new Headers([["N", "1"]])];
      const messages = one.subscribe("headed", { max: inputs.length });
      for (const headers of inputs) one.publish("headed", "", { headers });
      const seen: string[] = [];
      for await (const { headers } of messages) seen.push([...(headers ?? [])].join(" "));
      equal(seen, ["n,1 n,é", "n,1", "n,1"]);
    }),

  "shows messages and connections as JSON": (on) =>
    withConnection(on, async (one) => {
      const messages = one.subscribe("shown", { max: 2 });
      one.publish("shown", "é", { headers: { a: "b" }, reply: "back" });
      one.publish("shown", new Uint8Array([0xff, 0]));
      const seen: string[] = [];
      for await (const message of messages) seen.push(JSON.stringify(message));
      equal(seen, [
        '{"subject":"shown","reply":"back","headers":{"a":"b"},"text":"é"}',
        '{"subject":"shown","base64":"/wA="}',
      ]);
      check(JSON.stringify(one).includes('"isConnected":true'), "the connection shows its state");
    }),

  "delivers a queue group's messages to one member each": (on) =>
    withConnection(on, (one) =>
      withConnection(on, async (two) => {
        const workers = [one, two].map((each) => each.subscribe("work", { queue: "q", callback: () => {} }));
        await Promise.all([one.flush(), two.flush()]);
        for (const _ of numbers(100)) one.publish("work");
        await one.flush();
        await two.flush();
        equal(
          workers.reduce((sum, { received }) => sum + received, 0),
          100,
        );
      }),
    ),

  "flush resolves after the server has received every message": (on) =>
    withConnection(on, (one) =>
      withConnection(on, async (two) => {
        const received = two.subscribe("flushed", { callback: () => {} });
        await two.flush();
        for (const _ of numbers(1000)) one.publish("flushed");
        await one.flush();
        await two.flush();
        equal(received.received, 1000);
      }),
    ),

  "requests and replies, and reports a missing responder": (on) =>
    withConnection(on, async (one) => {
      one.subscribe("double", { callback: (m) => void m.respond(String(2 * m.json<number>())) });
      const replies = await Promise.all(numbers(100).map((i) => one.request("double", String(i))));
      equal(
        replies.map((reply) => reply.json()),
        numbers(100).map((i) => 2 * i),
      );
      await rejects(one.request("nobody"), "NO_RESPONDERS");
    }),

  "collects several replies to one request": (on) =>
    withConnection(on, async (one) => {
      for (const name of ["a", "b", "c"]) one.subscribe("who", { callback: (m) => void m.respond(name) });
      const names: string[] = [];
      for await (const reply of one.requestMany("who", "", { strategy: "count", maxMessages: 3 })) {
        names.push(reply.text());
      }
      equal(names.sort(), ["a", "b", "c"]);
    }),

  "drain delivers what is in flight and sends its replies": (on) =>
    withConnection(on, async (one) => {
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
      for await (const answer of answers) equal(answer.text(), String(count++));
      equal(count, 50);
    }),

  "stops waiting if an abort signal fires": (on) =>
    withConnection(on, async (one) => {
      one.subscribe("silent", { callback: () => {} });
      const abort = new AbortController();
      const waiting = one.request("silent", "", { timeout: 60_000, signal: abort.signal });
      abort.abort(new Error("enough"));
      equal((await errorOf(waiting)).message, "enough");
      const late = on.connect({ servers: on.url, signal: AbortSignal.abort(new Error("late")) });
      equal((await errorOf(late)).message, "late");
      const dialling = new AbortController();
      const silent = on.connect({ servers: on.silent, signal: dialling.signal });
      dialling.abort(new Error("no more"));
      equal((await errorOf(silent)).message, "no more");
    }),
};
