// SPDX-License-Identifier: Apache-2.0
import type { Connection, Message } from "@natswire/io";
import { check, checkPayload, equal, payloadOf, rejects, withConnection } from "./checks.ts";
import type { Cases } from "./environment.ts";

const MEBIBYTE = 1_048_576;

/** Many messages, large ones, and slow readers. */
export const load: Cases = {
  "never changes a payload after delivery (10,000 kept)": (on) =>
    withConnection(on, async (one) => {
      const total = 10_000;
      const messages = one.subscribe("kept", { max: total });
      const kept: Uint8Array[] = [];
      const done = (async () => {
        for await (const { payload } of messages) kept.push(payload);
      })();
      for (let i = 0; i < total; i++) {
        one.publish("kept", payloadOf(i));
        if (i % 500 === 499) await one.flush();
      }
      await done;
      equal(kept.length, total);
      for (const [i, payload] of kept.entries()) checkPayload(payload, i);
    }),

  "sends and receives several payloads of 1 MiB": (on) =>
    withConnection(on, async (one) => {
      const messages = one.subscribe("giant", { max: 8 });
      for (let i = 0; i < 8; i++) {
        one.publish("giant", payloadOf(i, MEBIBYTE));
        await one.ready();
      }
      let count = 0;
      for await (const { payload } of messages) checkPayload(payload, count++, MEBIBYTE);
      equal(count, 8);
    }),

  "rejects a payload that is too large, and stays connected": (on) =>
    withConnection(on, async (one) => {
      const messages = one.subscribe("large", { max: 1 });
      await rejects((async () => one.publish("large", new Uint8Array(MEBIBYTE + 1)))(), "TOO_LARGE");
      one.publish("large", "small");
      for await (const message of messages) equal(message.text(), "small");
    }),

  "decodes messages that arrive one byte at a time": (on) =>
    withConnection(
      on,
      async (one) => {
        const messages = one.subscribe("bytes", { max: 20 });
        for (let i = 0; i < 20; i++) one.publish("bytes", payloadOf(i));
        let count = 0;
        for await (const { payload } of messages) checkPayload(payload, count++);
        equal(count, 20);
      },
      { servers: on.bytewise },
    ),

  "makes a fast publisher wait, and loses no message": (on) =>
    withConnection(on, (one) =>
      withConnection(on, async (two) => {
        // Less than max_pending: this is not about slow consumers.
        const [total, size] = [100, 65_536];
        const received = two.subscribe("fast", { callback: () => {} });
        await two.flush();
        let waits = 0;
        for (let i = 0; i < total; i++) {
          if (one.publish("fast", payloadOf(i, size))) continue;
          waits++;
          await one.ready();
        }
        await one.flush();
        await two.flush();
        equal(received.received, total);
        check(waits > 0, "publish() returned false");
      }),
    ),

  "drops messages of a slow subscription, counts and reports them": (on) =>
    withConnection(on, async (one) => {
      const reported: number[] = [];
      one.onStatus((status) => {
        if (status.type === "slowConsumer") reported.push(status.dropped);
      });
      const slow = one.subscribe("busy", { maxMessages: 10, overflow: "drop-newest" });
      const quick = one.subscribe("busy", { callback: () => {} });
      for (let i = 0; i < 100; i++) one.publish("busy", String(i));
      await one.flush();
      const waiting: string[] = [];
      for await (const message of slow) {
        if (waiting.push(message.text()) === 10) one.publish("busy", "later");
        if (waiting.length === 11) break;
      }
      await one.flush();
      equal(waiting.join(" "), "0 1 2 3 4 5 6 7 8 9 later");
      equal([slow.dropped, quick.received], [90, 101]);
      check(reported.length > 0, "a slowConsumer status was emitted");
    }),

  "pauses reading for a slow subscription (overflow: pause)": (on) =>
    withConnection(on, (one) =>
      withConnection(on, async (two) => {
        const [total, size] = [150, 20_000];
        const messages = one.subscribe("slow", { max: total, maxMessages: 5, overflow: "pause" });
        await one.flush();
        for (let i = 0; i < total; i++) two.publish("slow", payloadOf(i, size));
        await two.flush();
        let count = 0;
        for await (const { payload } of messages) {
          checkPayload(payload, count, size);
          if (count++ % 50 === 0) await pause(20);
        }
        equal([count, messages.dropped], [total, 0]);
      }),
    ),

  "delivers to the right one of fifty connections": async (on) => {
    const all = await Promise.all(Array.from({ length: 50 }, () => on.connect({ servers: on.url })));
    try {
      const received = all.map((one, i) => firstOf(one, `to.${i}`));
      await Promise.all(all.map((one) => one.flush()));
      all.forEach((one, i) => void one.publish(`to.${(i + 1) % all.length}`, String(i)));
      equal(
        (await Promise.all(received)).map((message) => message.text()),
        all.map((_, i) => String((i + all.length - 1) % all.length)),
      );
    } finally {
      await Promise.all(all.map((one) => one.close()));
    }
  },
};

async function firstOf(one: Connection, subject: string): Promise<Message> {
  for await (const message of one.subscribe(subject, { max: 1 })) return message;
  throw new Error(`no message arrived on "${subject}"`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
