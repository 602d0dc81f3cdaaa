// SPDX-License-Identifier: Apache-2.0
import type { Connection, Message } from "@natswire/io";
import { during, fails, filled, holds, isFilled, same } from "./checks.ts";
import type { Cases } from "./environment.ts";

const MEBIBYTE = 1_048_576;

/** Many, large and slow ones. */
export const load: Cases = {
  "hands out payloads that stay as they were: 10,000 kept, and compared at the end": (on) =>
    during(on, async (one) => {
      const total = 10_000;
      const messages = one.subscribe("kept", { max: total });
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
      for (const [i, payload] of kept.entries()) isFilled(payload, i);
    }),

  "carries the largest payloads, several at once": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("giant", { max: 8 });
      for (let i = 0; i < 8; i++) {
        one.publish("giant", filled(i, MEBIBYTE));
        await one.ready();
      }
      let count = 0;
      for await (const { payload } of messages) isFilled(payload, count++, MEBIBYTE);
      same(count, 8);
    }),

  "refuses what is too large, and loses nothing else over it": (on) =>
    during(on, async (one) => {
      const messages = one.subscribe("large", { max: 1 });
      await fails((async () => one.publish("large", new Uint8Array(MEBIBYTE + 1)))(), "TOO_LARGE");
      one.publish("large", "small");
      for await (const message of messages) same(message.text(), "small");
    }),

  "understands what comes one byte at a time": (on) =>
    during(
      on,
      async (one) => {
        const messages = one.subscribe("bytes", { max: 20 });
        for (let i = 0; i < 20; i++) one.publish("bytes", filled(i));
        let count = 0;
        for await (const { payload } of messages) isFilled(payload, count++);
        same(count, 20);
      },
      { servers: on.bytewise },
    ),

  "asks a publisher to wait that is faster than the line, and loses nothing": (on) =>
    during(on, (one) =>
      during(on, async (two) => {
        // Less than a server lets wait for one that listens: that is not what is shown here.
        const [total, size] = [100, 65_536];
        const heard = two.subscribe("fast", { callback: () => {} });
        await two.flush();
        let waits = 0;
        for (let i = 0; i < total; i++) {
          if (one.publish("fast", filled(i, size))) continue;
          waits++;
          await one.ready();
        }
        await one.flush();
        await two.flush();
        same(heard.received, total);
        holds(waits > 0, "it was asked to wait");
      }),
    ),

  "drops what a slow subscription has no room for, counts it, and tells": (on) =>
    during(on, async (one) => {
      const told: number[] = [];
      one.onStatus((status) => {
        if (status.type === "slowConsumer") told.push(status.dropped);
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
      same(waiting.join(" "), "0 1 2 3 4 5 6 7 8 9 later");
      same([slow.dropped, quick.received], [90, 101]);
      holds(told.length > 0, "it was told");
    }),

  "reads no further where a slow subscription says so, and loses nothing": (on) =>
    during(on, (one) =>
      during(on, async (two) => {
        const [total, size] = [150, 20_000];
        const messages = one.subscribe("slow", { max: total, maxMessages: 5, overflow: "pause" });
        await one.flush();
        for (let i = 0; i < total; i++) two.publish("slow", filled(i, size));
        await two.flush();
        let count = 0;
        for await (const { payload } of messages) {
          isFilled(payload, count, size);
          if (count++ % 50 === 0) await pause(20);
        }
        same([count, messages.dropped], [total, 0]);
      }),
    ),

  "keeps fifty connections apart": async (on) => {
    const all = await Promise.all(Array.from({ length: 50 }, () => on.connect({ servers: on.url })));
    try {
      const heard = all.map((one, i) => firstOf(one, `to.${i}`));
      await Promise.all(all.map((one) => one.flush()));
      all.forEach((one, i) => void one.publish(`to.${(i + 1) % all.length}`, String(i)));
      same(
        (await Promise.all(heard)).map((message) => message.text()),
        all.map((_, i) => String((i + all.length - 1) % all.length)),
      );
    } finally {
      await Promise.all(all.map((one) => one.close()));
    }
  },
};

async function firstOf(one: Connection, subject: string): Promise<Message> {
  for await (const message of one.subscribe(subject, { max: 1 })) return message;
  throw new Error(`nothing came on ${subject}`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
