// SPDX-License-Identifier: Apache-2.0
import type { Ack } from "@natswire/codec/jetstream";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { mutate } from "../../../../packages/fuzz/src/mutate.ts";
import { sameBytes } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import type { Random } from "../../../testkit/random.ts";
import type { UnderTest } from "../under-test.ts";

const PAYLOADS = [
  "",
  "+ACK",
  "-NAK",
  '-NAK {"delay":5000000000}',
  "-NAK 1h2m3.5s",
  "+WPI",
  "+TERM no such article",
  "+NXT 5",
  '+NXT {"batch":5,"no_wait":true}',
  '{"batch":3,"expires":200000000,"max_bytes":3000,"idle_heartbeat":100000000}',
  '{"batch":1,"group":"A","min_pending":9,"min_ack_pending":8,"id":"pin","priority":3}',
  '{"stream":"ST", "seq":2,"duplicate": true}',
  '{"stream":"ST","domain":"hub","seq":18446744073709551615,"batch":"u2","count":2,"val":"7"}',
  '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 2"},"stream":"ST","seq":0}',
  '{"type":"ack","seq":9007199254740993,"msgs":5}',
  '{"message":{"subject":"st.b","seq":2,"hdrs":"TkFUUy8xLjANCg0K","data":"dHdv","time":"2026-11-30T15:32:53.8Z"}}',
];
const SUBJECTS = [
  "$JS.ACK.ST.D.1.2.2.1796052773852357333.0",
  "$JS.ACK.hub.szMpdrwD.ST.D.1.18446744073709551615.3.1796052798218991964.0",
  "$JS.ACK._.szMpdrwD.ST.F.1.29.29.1796052855032667292.1.random",
  "$JS.API.CONSUMER.MSG.NEXT.ST.D",
  "$JS.hub.API.CONSUMER.CREATE.ST.F.st.>",
  "$JS.API.DIRECT.GET.ST.st.b",
  "$JS.API.STREAM.INFO.ST",
  "r.fast.uuid1.5.fail.1.0.$FI",
  "r.u.10.ok.18446744073709551614.1.$FI",
];
const BLOCKS = [
  "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 47\r\nNats-Last-Stream: 48\r\n\r\n",
  "NATS/1.0 409 Message Size Exceeds MaxBytes\r\nNats-Pending-Messages: 1\r\nNats-Pending-Bytes: 10\r\n\r\n",
  "NATS/1.0\r\nNats-Stream: ST\r\nNats-Subject: st.a\r\nNats-Sequence: 1\r\nNats-Time-Stamp: 2026-11-30T15:32:53Z\r\n\r\n",
];

/** Generates a payload, a subject or a header block of JetStream, mostly mutated. */
export function jetStreamText(random: Random): Uint8Array {
  const texts = random.pick([PAYLOADS, PAYLOADS, SUBJECTS, SUBJECTS, BLOCKS]);
  const valid = latin1(random.pick(texts));
  return random.once(8) ? valid : mutate(valid, latin1(random.pick(texts)), random);
}

/** Returns the laws of JetStream's texts: reading never throws, what was read can be written, and oracles agree. */
export function jetStreamLaws({ jetStream: js, decodeHeaders }: UnderTest): (input: Uint8Array) => void {
  const again = (what: string, read: unknown, back: unknown): void => {
    if (read !== undefined && format(read) !== format(back)) {
      throw new LawBroken(
        `what was read, written and read again is the same: ${what}`,
        `${format(read)}\n${format(back)}`,
      );
    }
  };
  return (input) => {
    const bytes = input.slice();
    const text = Buffer.from(input).toString("latin1");

    const info = js.parseAckSubject(text);
    agree("an ack subject", info && format(info), ackOracle(text));
    again("ack subject", info, info && js.parseAckSubject(js.ackSubject(info)));
    const request = js.parseApiSubject(text);
    if (request !== undefined && js.apiSubject(request) !== text)
      throw new LawBroken("an API subject is written as it was");
    const reply = js.parseBatchReply(text);
    again("batch reply", reply, reply && js.parseBatchReply(js.batchReply(reply)));

    const ack = js.parseAck(bytes);
    again("ack", ack, ack && js.parseAck(writeAck(js, ack)));
    const pull = js.parsePull(bytes);
    again("pull request", pull, pull && js.parsePull(js.pullRequest(pull)));
    const stored = js.parsePubAck(bytes);
    again("publish ack", stored, stored && js.parsePubAck(js.pubAck(stored)));
    if (stored !== undefined && stored.error === undefined) {
      agree("a rounded sequence", Number(stored.sequence), (JSON.parse(text) as { seq: number }).seq);
      agree("a sequence", text.includes(`${stored.sequence}`), true);
    }
    const message = js.parseStoredMessage(bytes);
    if (message !== undefined && message.error === undefined) {
      const { data, hdrs } = (JSON.parse(text) as { message: { data?: string; hdrs?: string } }).message;
      agree("a payload", hex(message.payload), base64Oracle(data ?? ""));
      agree("a header block", message.headers && hex(message.headers), hdrs ? base64Oracle(hdrs) : undefined);
    }
    js.parseApiError(bytes);
    js.parseBatchFlow(bytes);

    const headers = decodeHeaders(bytes);
    const status = js.statusOf({ headers, reply: undefined });
    agree("a status", status?.code, headers?.status);
    js.directGetInfo(headers);
    if (!sameBytes(bytes, input)) throw new LawBroken("the caller's memory is never written");
  };
}

function writeAck(js: UnderTest["jetStream"], ack: Ack): Uint8Array {
  if (ack.kind === "nak") return js.nak({ delay: ack.delay });
  if (ack.kind === "term") return js.term(ack.reason);
  // Malformed JSON after +NXT cannot be written.
  if (ack.kind === "next") return ack.pull === undefined ? latin1("+NXT {") : js.next(ack.pull);
  return ack.kind === "ack" ? js.ack() : js.progress();
}

function agree(what: string, read: unknown, expected: unknown): void {
  if (read !== expected)
    throw new LawBroken(`${what} agrees with its oracle`, `read   ${String(read)}\noracle ${String(expected)}`);
}

const NAME = "([^\\0- \\x7f.*>]+)";
const NUMBERS = "(\\d{1,20})\\.(\\d{1,20})\\.(\\d{1,20})\\.(\\d{1,20})\\.(\\d{1,20})";
const SHORT = new RegExp(`^\\$JS\\.ACK\\.${NAME}\\.${NAME}\\.${NUMBERS}$`);
const LONG = new RegExp(`^\\$JS\\.ACK\\.${NAME}\\.${NAME}\\.${NAME}\\.${NAME}\\.${NUMBERS}(?:\\.|$)`);

/** Reads an ack subject by a regular expression for each form. */
function ackOracle(text: string): string | undefined {
  const short = SHORT.exec(text);
  const long = LONG.exec(text);
  const [domain, accountHash] = long?.slice(1, 3) ?? [];
  const found = short?.slice(1) ?? long?.slice(3);
  if (found === undefined) return undefined;
  const [stream, consumer, ...digits] = found;
  const values = digits.map(BigInt);
  if (values.some((value) => value > 2n ** 64n - 1n) || values[3]! >= 2n ** 63n) return undefined;
  const [deliveries, streamSequence, consumerSequence, timestamp, pending] = values;
  const account = accountHash === undefined ? {} : domain === "_" ? { accountHash } : { domain, accountHash };
  return format({ ...account, stream, consumer, deliveries, streamSequence, consumerSequence, timestamp, pending });
}

/** Decodes base64 by Buffer, which accepts any length. */
function base64Oracle(text: string): string {
  return text.length % 4 === 0 ? Buffer.from(text, "base64").toString("hex") : "not base64";
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function format(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one));
}
