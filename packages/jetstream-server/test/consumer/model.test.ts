// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModuleDriver, type Published } from "./module-driver.ts";

const SECOND = 1000;
/** Of how many deliveries one is acknowledged. */
const RECENT = 8;

interface Setup {
  readonly maxAckPending: number;
  readonly maxDeliver: number;
  readonly filter: "a" | undefined;
  readonly waits: readonly number[];
  readonly isWorkQueue: boolean;
}

/** What a consumer must do, in the simplest way: lists, and a look at everything each time. */
class Model {
  readonly setup: Setup;
  now = 0;
  requested = 0;
  next = 1;
  consumed = 0;
  readonly stored: { sequence: number; name: string }[] = [];
  last = 0;
  pending: { sequence: number; deliveries: number; due: number }[] = [];
  queue: number[] = [];
  readonly exhausted = new Set<number>();

  constructor(setup: Setup) {
    this.setup = setup;
  }

  waitOf(deliveries: number): number {
    const { waits } = this.setup;
    return waits[Math.min(deliveries, waits.length) - 1]!;
  }

  left(): number {
    return this.stored.filter(({ sequence, name }) => sequence >= this.next && this.matches(name)).length;
  }

  matches(name: string): boolean {
    return this.setup.filter === undefined || this.setup.filter === name;
  }

  one(sequence: number): Model["pending"][number] | undefined {
    return this.pending.find((entry) => entry.sequence === sequence);
  }

  forget(sequence: number): void {
    this.pending = this.pending.filter((entry) => entry.sequence !== sequence);
    this.queue = this.queue.filter((queued) => queued !== sequence);
  }

  exhaust(sequence: number): void {
    this.forget(sequence);
    this.exhausted.add(sequence);
  }

  /** Returns what is delivered now: deliveries, sequence, consumer sequence and pending. */
  deliver(): number[][] {
    const out: number[][] = [];
    while (this.requested > 0) {
      const again = this.queue[0];
      if (again !== undefined) {
        const entry = this.one(again)!;
        if (this.setup.maxDeliver > 0 && entry.deliveries >= this.setup.maxDeliver) {
          this.exhaust(again);
          continue;
        }
        this.queue.shift();
        entry.deliveries++;
        entry.due = this.now + this.waitOf(entry.deliveries);
        out.push([entry.deliveries, again, ++this.consumed, this.left()]);
      } else {
        if (this.pending.length >= this.setup.maxAckPending) break;
        const message = this.stored.find(({ sequence, name }) => sequence >= this.next && this.matches(name));
        if (message === undefined) break;
        this.next = message.sequence + 1;
        this.pending.push({ sequence: message.sequence, deliveries: 1, due: this.now + this.waitOf(1) });
        out.push([1, message.sequence, ++this.consumed, this.left()]);
      }
      this.requested--;
    }
    return out;
  }

  advance(time: number): number[][] {
    const end = this.now + time;
    const out: number[][] = [];
    for (;;) {
      const waiting = this.pending.filter(({ sequence }) => !this.queue.includes(sequence));
      const due = Math.min(...waiting.map((entry) => entry.due));
      if (due > end) break;
      this.now = due;
      const expired = waiting.filter((entry) => entry.due <= due).sort((a, b) => a.sequence - b.sequence);
      for (const { sequence, deliveries } of expired) {
        const isOver = this.setup.maxDeliver > 0 && Math.max(1, deliveries - 1) >= this.setup.maxDeliver;
        if (isOver) this.exhaust(sequence);
        else this.queue.push(sequence);
      }
      out.push(...this.deliver());
    }
    this.now = end;
    return out;
  }

  remove(sequence: number): void {
    const at = this.stored.findIndex((message) => message.sequence === sequence);
    if (at !== -1) this.stored.splice(at, 1);
    this.forget(sequence);
    this.exhausted.delete(sequence);
  }
}

type Operation =
  | { readonly do: "publish"; readonly name: string }
  | { readonly do: "pull"; readonly batch: number }
  | { readonly do: "ack" | "nak" | "term" | "progress" | "delay"; readonly which: number }
  | { readonly do: "delete"; readonly which: number }
  | { readonly do: "advance"; readonly time: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), name: fc.constantFrom("a", "b") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pull" as const), batch: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "ack" as const,
        "nak" as const,
        "term" as const,
        "progress" as const,
        "delay" as const,
        "progress" as const,
      ),
      which: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), which: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("advance" as const),
      time: fc.constantFrom(0, 300, 500, 1000, 1000, 5000),
    }),
  },
);

const setups: fc.Arbitrary<Setup> = fc.record({
  maxAckPending: fc.constantFrom(1, 3, 8),
  maxDeliver: fc.constantFrom(-1, 1, 2, 3),
  filter: fc.constantFrom("a" as const, undefined),
  waits: fc.constantFrom([SECOND], [500, 2000]),
  isWorkQueue: fc.boolean(),
});

const payloads = { ack: "", nak: "-NAK", term: "+TERM", progress: "+WPI", delay: '-NAK {"delay":700000000}' };

/** Runs the real consumer and the model side by side. */
class Comparison {
  readonly model: Model;
  readonly real = new ModuleDriver();
  readonly replies: { readonly reply: string; readonly sequence: number }[] = [];

  constructor(setup: Setup) {
    this.model = new Model(setup);
    const { maxAckPending: max_ack_pending, maxDeliver: max_deliver, filter, waits, isWorkQueue } = setup;
    const nanos = waits.map((wait) => wait * 1e6);
    const retention = isWorkQueue ? "workqueue" : "limits";
    this.real.api("STREAM.CREATE.S", { name: "S", subjects: ["s.>"], storage: "memory", retention });
    this.real.api("CONSUMER.CREATE.S.C", {
      stream_name: "S",
      config: {
        durable_name: "C",
        ack_policy: "explicit",
        max_ack_pending,
        max_deliver,
        ...(nanos.length > 1 && max_deliver !== 1 ? { backoff: nanos } : { ack_wait: nanos[0] }),
        ...(filter === undefined ? {} : { filter_subject: `s.${filter}` }),
      },
    });
  }

  perform(operation: Operation): void {
    const { real, model } = this;
    switch (operation.do) {
      case "publish":
        model.stored.push({ sequence: ++model.last, name: operation.name });
        return this.compare(real.publish(`s.${operation.name}`), model.deliver());
      case "pull":
        model.requested += operation.batch;
        return this.compare(real.publish("$JS.API.CONSUMER.MSG.NEXT.S.C", `${operation.batch}`, "in"), model.deliver());
      case "advance":
        return this.compare(real.advance(operation.time), model.advance(operation.time));
      case "delete": {
        const message = model.stored[operation.which % Math.max(1, model.stored.length)];
        if (message === undefined) return;
        model.remove(message.sequence);
        const request = { seq: message.sequence };
        return this.compare(real.publish("$JS.API.STREAM.MSG.DELETE.S", request, "answer"), model.deliver());
      }
    }
    // The latest, which are pending most often.
    const given = this.replies.at(-1 - (operation.which % Math.max(1, Math.min(RECENT, this.replies.length))));
    if (given === undefined) return;
    const entry = model.one(given.sequence);
    if (operation.do === "ack" || operation.do === "term") {
      model.forget(given.sequence);
      model.exhausted.delete(given.sequence);
      if (model.setup.isWorkQueue) model.remove(given.sequence);
    } else if (entry !== undefined) {
      const isQueued = model.queue.includes(given.sequence);
      const wait = model.waitOf(entry.deliveries);
      if (operation.do === "nak" && !isQueued) model.queue.push(given.sequence);
      if (operation.do === "progress" && !isQueued) entry.due = model.now + wait;
      if (operation.do === "delay") {
        model.queue = model.queue.filter((sequence) => sequence !== given.sequence);
        entry.due = model.now + 700 + wait - model.waitOf(1);
      }
    }
    this.compare(real.publish(given.reply, payloads[operation.do]), model.deliver());
  }

  compare(published: readonly Published[], expected: readonly number[][]): void {
    const delivered = published.filter(({ to, reply }) => to === "in" && reply !== "");
    const numbers = delivered.map(({ reply }) => {
      const [deliveries, stream, consumer, , left] = reply.split(".").slice(4).map(Number);
      return [deliveries!, stream!, consumer!, left!];
    });
    expect(numbers).toEqual(expected);
    for (const { reply } of delivered) this.replies.push({ reply, sequence: Number(reply.split(".")[5]) });
    const { model } = this;
    const redelivered = model.pending.filter(({ deliveries }) => deliveries > 1).length + model.exhausted.size;
    expect(this.real.api("CONSUMER.INFO.S.C")).toMatchObject({
      num_pending: model.left(),
      num_ack_pending: model.pending.length,
      num_redelivered: model.setup.maxDeliver === 1 ? 0 : redelivered,
      delivered: { consumer_seq: model.consumed },
    });
    if (model.setup.isWorkQueue) {
      expect(this.real.api("STREAM.INFO.S").state.messages).toBe(model.stored.length);
    }
  }
}

describe("a consumer", () => {
  it("delivers what a naive model does, at any time", () => {
    fc.assert(
      fc.property(setups, fc.array(operation, { minLength: 20, maxLength: 60, size: "max" }), (setup, operations) => {
        const waits = setup.maxDeliver === 1 ? setup.waits.slice(0, 1) : setup.waits;
        const comparison = new Comparison({ ...setup, waits });
        for (const one of operations) comparison.perform(one);
      }),
      { numRuns: 300 },
    );
  });
});
