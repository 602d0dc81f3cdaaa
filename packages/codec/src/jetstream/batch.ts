// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "../errors.ts";
import { explainInvalid, isSubject } from "../subject.ts";
import { checkFields, checkValue, isName, MAX_UINT64, readInteger } from "./fields.ts";
import { readJson, required, type Shape } from "./json.ts";
import { type ApiError, errorOf } from "./pub-ack.ts";

const SUFFIX = "$FI";
const MAX_FLOW = 65_535;
// The flow of a reply that names none.
const DEFAULT_FLOW = 10;
// A server rejects the largest sequence, so that the next one does not overflow.
const MAX_SEQUENCE = 0xffff_ffff_ffff_fffen;

const shape: Shape = {
  kind: ["type", "text"],
  sequence: ["seq", MAX_UINT64],
  messages: ["msgs", MAX_FLOW],
  expected: ["last_seq", MAX_UINT64],
};

interface FlowFields {
  readonly kind: string;
  readonly sequence: bigint;
  readonly messages: number;
  readonly expected: bigint;
}

const operations = ["start", "append", "commit", "commit-eob", "ping"] as const;

/** What the reply subject of a message says that belongs to a fast batch. */
export interface BatchReply {
  /** The subject that the publisher's subscription ends in `.>` for. */
  readonly prefix: string;
  /** The id of the batch. */
  readonly id: string;
  /** After how many messages the server should answer: 1 to 65,535. */
  readonly flow: number;
  /** What the server does if a message is missing: it ends the batch, or continues. */
  readonly gap: "fail" | "ok";
  /** The sequence of the message in the batch, from 1. */
  readonly sequence: bigint;
  /**
   * What the message does: `start` (sequence 1), `append` (above 1), `commit` (this is the last message), `commit-eob` (the one before
   * was the last; above 1), or `ping` (requests an answer, stores nothing).
   */
  readonly operation: (typeof operations)[number];
}

/** What a server answers while a fast batch is published; the last answer is a `PubAck`. */
export type BatchFlow =
  | {
      readonly kind: "ack";
      /** The sequence in the batch up to which messages are stored; with `gap: "ok"`, some of them. */
      readonly sequence: bigint;
      /** The server answers after each group of this many messages. */
      readonly messages: number;
    }
  | {
      readonly kind: "gap";
      /** The sequence in the batch that the server expected. */
      readonly expected: bigint;
      /** The sequence in the batch that it received. */
      readonly sequence: bigint;
    }
  | { readonly kind: "err"; readonly sequence: bigint; readonly error: ApiError };

/**
 * Reads the reply subject of a message of a fast batch: `<prefix>.<id>.<flow>.<fail|ok>.<sequence>.<operation>.$FI`.
 *
 * Returns `undefined` for any other subject, and for what a server rejects. As for a server, a flow of 0 is 10, and a larger one than
 * 65,535 is that.
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md
 */
export function parseBatchReply(reply: string | undefined): BatchReply | undefined {
  if (typeof reply !== "string" || !reply.endsWith(`.${SUFFIX}`)) return undefined;
  const tokens = reply.split(".");
  const [id, flowText, gap, sequenceText, operationText] = tokens.slice(-6, -1);
  const prefix = tokens.slice(0, -6).join(".");
  const flow = readInteger(flowText);
  const sequence = readInteger(sequenceText, MAX_SEQUENCE);
  const operation = /^\d$/.test(operationText ?? "") ? operations[Number(operationText)] : undefined;
  if (!isSubject(prefix) || !isName(id) || (gap !== "fail" && gap !== "ok")) return undefined;
  if (flow === undefined || sequence === undefined || operation === undefined) return undefined;
  if (!isSequenceOf(operation, sequence)) return undefined;
  return { prefix, id, flow: Math.min(Number(flow) || DEFAULT_FLOW, MAX_FLOW), gap, sequence, operation };
}

/**
 * Writes the reply subject of a message of a fast batch.
 *
 * @throws UsageError BAD_SUBJECT if the prefix is not a subject or the id is not one token, BAD_NUMBER if a number has the wrong type or
 * is out of range, BAD_FIELD if another field has the wrong type, or is unknown
 */
export function batchReply(message: BatchReply): string {
  checkFields("batchReply()", message, ["prefix", "id", "flow", "gap", "sequence", "operation"]);
  const { prefix, id, flow, gap, sequence, operation } = message;
  if (!isSubject(prefix)) throw new UsageError("BAD_SUBJECT", explainInvalid("prefix", prefix));
  checkValue("id", id, "name");
  checkValue("flow", flow, MAX_FLOW, 1);
  checkValue("sequence", sequence, MAX_SEQUENCE, 1);
  if (gap !== "fail" && gap !== "ok") throw new UsageError("BAD_FIELD", 'gap must be "fail" or "ok"');
  const number = operations.indexOf(operation);
  if (number < 0) throw new UsageError("BAD_FIELD", `operation must be one of ${operations.join(", ")}`);
  if (!isSequenceOf(operation, sequence)) {
    throw new UsageError("BAD_NUMBER", `the sequence of ${operation} cannot be ${sequence}`);
  }
  return [prefix, id, flow, gap, sequence, number, SUFFIX].join(".");
}

/** Returns whether an operation can have a sequence: a batch starts with 1, and only then. */
function isSequenceOf(operation: BatchReply["operation"], sequence: bigint): boolean {
  if (operation === "start") return sequence === 1n;
  return sequence > (operation === "append" || operation === "commit-eob" ? 1n : 0n);
}

/** Reads an answer of a server while a fast batch is published. Returns `undefined` if it is another answer, or malformed. */
export function parseBatchFlow(payload: Uint8Array): BatchFlow | undefined {
  return readJson(payload, (object): BatchFlow | undefined => {
    const { kind, sequence = 0n, messages, expected } = object.read<FlowFields>(shape);
    if (kind === "ack") return { kind, sequence, messages: required(messages) };
    if (kind === "gap") return { kind, sequence, expected: required(expected) };
    if (kind === "err") return { kind, sequence, error: required(errorOf(object)) };
    return undefined;
  });
}
