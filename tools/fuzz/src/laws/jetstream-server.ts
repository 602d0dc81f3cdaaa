// SPDX-License-Identifier: Apache-2.0
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { mutate } from "../../../../packages/fuzz/src/mutate.ts";
import { cut, sameBytes } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../testkit/machine.ts";
import { hash, Random } from "../../../testkit/random.ts";
import type { UnderTest } from "../under-test.ts";

// Separates what the client sends. The next byte is the time that passes before, in quarters of a second.
const TURN = 0x1e;
const QUARTER = 250;
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\nSUB _INBOX.> 1\r\nSUB push.> 2\r\n';

const streamConfigs = [
  '{"name":"S","subjects":["s.>"],"storage":"memory"}',
  '{"name":"S","subjects":["s.>"],"max_msgs":3,"discard":"new","discard_new_per_subject":true,"max_msgs_per_subject":1}',
  '{"name":"S","subjects":["s.*"],"retention":"workqueue","max_bytes":400,"duplicate_window":500000000}',
  '{"name":"S","subjects":["s.>"],"retention":"interest","max_age":500000000}',
  '{"name":"S","subjects":["s.a","s.b.*"],"allow_rollup_hdrs":true,"allow_direct":true,"max_msgs_per_subject":2}',
  '{"name":"S","subjects":["s.>"],"allow_msg_ttl":true,"subject_delete_marker_ttl":1000000000,"max_msg_size":20}',
  '{"name":"T","mirror":{"name":"S"},"storage":"memory"}',
  '{"name":"T","sources":[{"name":"S","filter_subject":"s.a"}],"subjects":["t"],"republish":{"src":">","dest":"r.>"}}',
];
const consumerConfigs = [
  '{"stream_name":"S","config":{"durable_name":"C","ack_policy":"explicit","ack_wait":500000000,"max_deliver":2}}',
  '{"stream_name":"S","config":{"name":"C","ack_policy":"all","max_ack_pending":2,"filter_subject":"s.a"},"action":"create"}',
  '{"stream_name":"S","config":{"durable_name":"D","deliver_subject":"push.d","ack_policy":"none","idle_heartbeat":250000000,"flow_control":true}}',
  '{"stream_name":"S","config":{"deliver_policy":"last_per_subject","ack_policy":"explicit","inactive_threshold":500000000}}',
  '{"stream_name":"S","config":{"name":"C","ack_policy":"explicit","backoff":[250000000,500000000],"max_deliver":4}}',
];
const requests: readonly (readonly [api: string, body: readonly string[]])[] = [
  ["STREAM.CREATE.S", streamConfigs],
  ["STREAM.UPDATE.S", streamConfigs],
  ["STREAM.CREATE.T", streamConfigs],
  ["STREAM.PURGE.S", ["", '{"filter":"s.a","keep":1}', '{"seq":2}']],
  ["STREAM.DELETE.S", [""]],
  ["STREAM.INFO.S", ["", '{"subjects_filter":">","deleted_details":true}']],
  ["STREAM.NAMES", ["", '{"offset":1}']],
  ["STREAM.LIST", [""]],
  ["STREAM.MSG.GET.S", ['{"seq":1}', '{"last_by_subj":"s.a"}', '{"seq":1,"next_by_subj":"s.*"}']],
  ["STREAM.MSG.DELETE.S", ['{"seq":2}']],
  ["DIRECT.GET.S", ['{"seq":1}', '{"batch":3,"seq":1,"next_by_subj":"s.>"}', '{"multi_last":["s.>"]}']],
  ["DIRECT.GET.S.s.a", [""]],
  ["CONSUMER.CREATE.S", consumerConfigs],
  ["CONSUMER.CREATE.S.C.s.a", consumerConfigs],
  ["CONSUMER.DURABLE.CREATE.S.C", consumerConfigs],
  ["CONSUMER.DURABLE.CREATE.S.D", consumerConfigs],
  ["CONSUMER.INFO.S.C", [""]],
  ["CONSUMER.LIST.S", [""]],
  ["CONSUMER.DELETE.S.C", [""]],
  ["CONSUMER.PAUSE.S.C", ['{"pause_until":"2030-01-01T00:00:00Z"}', "{}"]],
  [
    "CONSUMER.MSG.NEXT.S.C",
    ["", "3", '{"batch":5,"expires":500000000,"idle_heartbeat":100000000}', '{"no_wait":true}'],
  ],
  ["INFO", [""]],
];
const headers = [
  "Nats-Msg-Id: 1",
  "Nats-Expected-Last-Sequence: 2",
  "Nats-Expected-Last-Subject-Sequence: 0",
  "Nats-Expected-Stream: S",
  "Nats-Rollup: sub",
  "Nats-Rollup: all",
  "Nats-TTL: 1s",
  "Nats-TTL: never",
];
const subjects = ["s.a", "s.b", "s.b.c", "t", "s.a"];
const acks = ["", "+ACK", "-NAK", '-NAK {"delay":500000000}', "+WPI", "+TERM no", '+NXT {"batch":2}'];

/** Generates what a client sends to a server with JetStream: requests, messages and acks, some of them mutated. */
export function jetStreamTalk(random: Random): Uint8Array {
  const parts: Uint8Array[] = [pub("$JS.API.STREAM.CREATE.S", "_INBOX.a", random.pick(streamConfigs))];
  if (random.once(2)) parts.push(pub("$JS.API.CONSUMER.DURABLE.CREATE.S.C", "_INBOX.a", random.pick(consumerConfigs)));
  for (let turns = 2 + random.below(14); turns > 0; turns--) {
    if (random.once(4)) parts.push(Uint8Array.of(TURN, random.below(9)));
    parts.push(random.pick([request, message, message, ack])(random));
  }
  return concat(parts);
}

function request(random: Random): Uint8Array {
  const [api, bodies] = random.pick(requests);
  const body = latin1(random.pick(bodies));
  return pub(`$JS.API.${api}`, "_INBOX.a", random.once(3) ? mutate(body, body, random) : body);
}

function message(random: Random): Uint8Array {
  const reply = random.once(4) ? "" : "_INBOX.p";
  const lines = random.once(3) ? [random.pick(headers)] : [];
  return pub(random.pick(subjects), reply, "x".repeat(random.below(30)), lines);
}

function ack(random: Random): Uint8Array {
  const [stream, consumer] = [1 + random.below(6), 1 + random.below(6)];
  const to = `$JS.ACK.S.C.${1 + random.below(2)}.${stream}.${consumer}.1.${random.below(3)}`;
  return pub(to, random.once(3) ? "_INBOX.k" : "", random.pick(acks));
}

function pub(subject: string, reply: string, body: string | Uint8Array, lines: readonly string[] = []): Uint8Array {
  const bytes = typeof body === "string" ? latin1(body) : body;
  const block = lines.length === 0 ? "" : `NATS/1.0\r\n${lines.join("\r\n")}\r\n\r\n`;
  const sizes = block === "" ? `${bytes.length}` : `${block.length} ${block.length + bytes.length}`;
  const verb = block === "" ? "PUB" : "HPUB";
  return concat([
    latin1(`${verb} ${subject} ${reply === "" ? "" : `${reply} `}${sizes}\r\n${block}`),
    bytes,
    latin1("\r\n"),
  ]);
}

/** Returns the laws of JetStream in memory: whatever a client sends, answers are JSON, and the state of streams adds up. */
export function jetStreamServerLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const chance = new Random(hash(input));
    const seed = hash(input);
    const whole = new Play(codec, seed).run(input, (says) => [says]);
    const pieces = new Play(codec, seed).run(input, (says) => cut(says, chance));
    if (!sameBytes(whole, pieces)) throw new LawBroken("chunking changes nothing that the client receives");
  };
}

interface Answer {
  readonly [field: string]: unknown;
}

class Play {
  readonly #codec: UnderTest;
  readonly #core: InstanceType<UnderTest["ServerCore"]>;
  readonly #client: number;
  readonly #received: Uint8Array[] = [];
  #now = 0;

  constructor(codec: UnderTest, seed: number) {
    const random = new Random(seed);
    this.#codec = codec;
    this.#core = new codec.ServerCore({
      random: (into) => {
        for (let i = 0; i < into.length; i++) into[i] = random.below(256);
      },
      modules: [codec.jetStreamServer.jetstream()],
      pingInterval: Number.POSITIVE_INFINITY,
    });
    this.#client = this.#core.opened(0);
    this.#say(latin1(CONNECT));
  }

  /** Returns everything that the client received before the state was checked. */
  run(input: Uint8Array, chunksOf: (says: Uint8Array) => Uint8Array[]): Uint8Array {
    for (let at = 0; at <= input.length; ) {
      const found = input.indexOf(TURN, at);
      const end = found < 0 ? input.length : found;
      for (const chunk of chunksOf(input.slice(at, end))) this.#say(chunk);
      this.#pass(((input[end + 1] ?? 0) % 16) * QUARTER);
      at = end + 2;
    }
    const received = concat(this.#received);
    this.#answersAreJson(received);
    // The client may have broken the protocol: another one looks at the streams.
    if (this.#core.connection(this.#client) === undefined) return received;
    for (const stream of this.#list("STREAM.LIST", "streams")) {
      this.#addsUp(stream);
      const { name } = stream["config"] as { name: string };
      for (const consumer of this.#list(`CONSUMER.LIST.${name}`, "consumers")) this.#consumerAddsUp(consumer, stream);
      this.#ask(`STREAM.DELETE.${name}`);
    }
    const left = this.#ask("INFO");
    if (left?.["streams"] !== 0 || left["consumers"] !== 0 || left["memory"] !== 0) {
      throw new LawBroken("nothing is left after the streams are deleted", JSON.stringify(left));
    }
    return received;
  }

  #say(chunk: Uint8Array): void {
    const lent = chunk.slice();
    this.#core.received(this.#client, lent, this.#now);
    this.#settle();
    lent.fill(0xaa);
  }

  #pass(time: number): void {
    const end = this.#now + time;
    for (const at of deadlinesUntil(this.#core, end)) {
      this.#now = Math.max(at, this.#now);
      this.#core.elapsed(this.#now);
      this.#settle();
    }
    this.#now = end;
  }

  #settle(): void {
    for (const id of this.#core.writable) {
      for (const bytes of segmentsOf(() => this.#core.transmit(id))) {
        this.#received.push(bytes.slice());
        this.#core.released(id, bytes.length);
      }
    }
    for (const action of outputsOf(this.#core)) {
      if (action.do === "close") this.#core.lost(action.connection, this.#now);
    }
  }

  /** Sends a request on a connection of its own. */
  #ask(api: string, body = ""): Answer | undefined {
    const before = this.#received.length;
    const id = this.#core.opened(this.#now);
    const text = `CONNECT {"verbose":false}\r\nSUB _ANSWER 1\r\nPUB $JS.API.${api} _ANSWER ${body.length}\r\n${body}\r\n`;
    this.#core.received(id, latin1(text), this.#now);
    this.#settle();
    this.#core.lost(id, this.#now);
    const received = concat(this.#received.splice(before));
    for (const { subject, payload } of this.#messages(received)) {
      if (subject === "_ANSWER") return JSON.parse(new TextDecoder().decode(payload)) as Answer;
    }
    return undefined;
  }

  #list(api: string, field: string): Answer[] {
    return ((this.#ask(api)?.[field] as Answer[] | null | undefined) ?? []) as Answer[];
  }

  *#messages(received: Uint8Array): Generator<{ subject: string; payload: Uint8Array }> {
    const decoder = new this.#codec.Decoder(this.#codec.serverFrames);
    decoder.push(received);
    for (const frame of decoder) if (frame.op === "msg") yield frame;
  }

  #answersAreJson(received: Uint8Array): void {
    for (const { subject, payload } of this.#messages(received)) {
      if (subject !== "_INBOX.a" || payload.length === 0 || payload[0] !== 0x7b) continue;
      const text = new TextDecoder().decode(payload);
      let answer: Answer;
      try {
        answer = JSON.parse(text) as Answer;
      } catch {
        throw new LawBroken("an answer is JSON", text);
      }
      const { error } = answer as { error?: { code?: unknown; err_code?: unknown; description?: unknown } };
      if (
        error !== undefined &&
        !(Number(error.code) >= 400 && Number(error.err_code) >= 10_000 && error.description)
      ) {
        throw new LawBroken("an error has a code, an error code and a text", text);
      }
    }
  }

  #addsUp({ config, state }: Answer): void {
    const at = state as Record<"messages" | "bytes" | "first_seq" | "last_seq", number>;
    const of = config as Record<"max_msgs" | "max_bytes", number>;
    const fits = (limit: number | undefined, value: number): boolean => !((limit ?? 0) > 0) || value <= limit!;
    if (
      at.messages > at.last_seq - at.first_seq + 1 ||
      !fits(of.max_msgs, at.messages) ||
      !fits(of.max_bytes, at.bytes) ||
      (at.messages === 0) !== (at.bytes === 0)
    ) {
      throw new LawBroken("the state of a stream keeps its limits and adds up", JSON.stringify({ config, state }));
    }
  }

  #consumerAddsUp(consumer: Answer, { state }: Answer): void {
    const { num_pending, num_ack_pending, delivered, ack_floor, config } = consumer as {
      num_pending: number;
      num_ack_pending: number;
      delivered: { consumer_seq: number; stream_seq: number };
      ack_floor: { consumer_seq: number; stream_seq: number };
      config: { max_ack_pending?: number };
    };
    const most = config.max_ack_pending ?? 0;
    if (
      num_pending > (state as { messages: number }).messages ||
      (most > 0 && num_ack_pending > most) ||
      ack_floor.consumer_seq > delivered.consumer_seq ||
      ack_floor.stream_seq > delivered.stream_seq
    ) {
      throw new LawBroken("the state of a consumer adds up", JSON.stringify({ consumer, state }));
    }
  }
}
