// SPDX-License-Identifier: Apache-2.0
import { MAX_EXACT, readInteger } from "./fields.ts";
import { type HeaderSource, jetStreamHeaders, lastValue } from "./headers.ts";

/** How a client reports a status to its user, as ADR-37 groups them: as an error, as a warning, or not at all. */
type Severity = "error" | "warning" | "none";

/** What every status has. */
interface StatusLine {
  readonly code: number;
  /** The text after the code, as it was received; empty without one. */
  readonly description: string;
  /** How to report it: [ADR-37](https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-37.md#status-handling). */
  readonly severity: Severity;
  /** Whether later requests to the consumer are of no use: it is deleted, or it is a push consumer. */
  readonly isTerminal: boolean;
  /** How many messages the ended pull request had still to get; `undefined` if the status does not report it. */
  readonly pendingMessages: number | undefined;
  /** How many bytes the ended pull request had still to get; `undefined` if the status does not report it. */
  readonly pendingBytes: number | undefined;
}

/** Reports that the consumer has no message now. */
export interface IdleHeartbeat extends StatusLine {
  readonly kind: "idle-heartbeat";
  /** The last sequence that the consumer delivered, as `consumerSequence` of `DeliveryInfo`. */
  readonly lastConsumerSequence: bigint | undefined;
  /** The sequence of that message in the stream. */
  readonly lastStreamSequence: bigint | undefined;
  /** The subject to publish an empty message to if the consumer waits for flow control, otherwise `undefined`. */
  readonly stalled: string | undefined;
}

/** Requests an empty message to `reply`, after the messages before it are processed. */
export interface FlowControlRequest extends StatusLine {
  readonly kind: "flowcontrol-request";
  readonly reply: string | undefined;
}

/** Ends the answers to a direct get of several messages, and a snapshot. */
export interface EndOfBatch extends StatusLine {
  readonly kind: "eob";
  /** How many messages match and were not sent. */
  readonly numPending: bigint | undefined;
  /** The sequence of the last message that was sent. */
  readonly lastSequence: bigint | undefined;
  /** The `up_to_seq` for the next request for the last messages of several subjects. */
  readonly upToSequence: bigint | undefined;
}

/** Reports that a request has no subscriber: the stream or consumer does not exist, or JetStream is not enabled. */
export interface NoResponders extends StatusLine {
  readonly kind: "no-responders";
  /** The subject of the request; `undefined` from old servers. */
  readonly subject: string | undefined;
}

/** Ends a pull request, or answers another request, and reports why. A status that is not known has the kind `unknown`. */
export interface RequestStatus extends StatusLine {
  readonly kind:
    | "no-messages"
    | "request-timeout"
    | "interest-expired"
    | "requests-pending"
    | "consumer-deleted"
    | "consumer-is-push-based"
    | "leadership-change"
    | "server-shutdown"
    | "message-size-exceeds-maxbytes"
    | "batch-completed"
    | "exceeded-maxwaiting"
    | "exceeded-maxrequestbatch"
    | "exceeded-maxrequestexpires"
    | "exceeded-maxrequestmaxbytes"
    | "wrong-pin-id"
    | "bad-request"
    | "empty-request"
    | "malformed-request"
    | "no-results"
    | "message-not-found"
    | "no-interest"
    | "no-flow-response"
    | "required-api-level"
    | "too-many-results"
    | "too-many-requests"
    | "server-error"
    | "unknown";
}

/** A status of JetStream. `kind` is the description of the server, in lower case and with hyphens, if several share a code. */
export type Status = IdleHeartbeat | FlowControlRequest | EndOfBatch | NoResponders | RequestStatus;

/** A message: the client's, or a decoded frame with its headers decoded. */
export interface StatusSource {
  readonly headers: HeaderSource | undefined;
  readonly reply?: string | undefined;
}

type Row = readonly [code: number, severity: Severity, kinds: string];

// The kinds whose code has several descriptions. Those that ADR-37 does not name are warnings if a later request may succeed.
const described: readonly Row[] = [
  [100, "none", "idle-heartbeat flowcontrol-request"],
  [404, "none", "no-messages no-results message-not-found"],
  [408, "none", "request-timeout"],
  [408, "warning", "interest-expired requests-pending no-interest no-flow-response"],
  [408, "error", "bad-request empty-request malformed-request"],
  [409, "none", "message-size-exceeds-maxbytes batch-completed"],
  [409, "warning", "leadership-change server-shutdown exceeded-maxwaiting exceeded-maxrequestbatch"],
  [409, "warning", "exceeded-maxrequestexpires exceeded-maxrequestmaxbytes"],
  [409, "error", "consumer-deleted consumer-is-push-based"],
];
// The kinds that the code tells.
const coded: readonly Row[] = [
  [204, "none", "eob"],
  [400, "error", "bad-request"],
  [412, "error", "required-api-level"],
  [413, "error", "too-many-results"],
  [423, "warning", "wrong-pin-id"],
  [429, "warning", "too-many-requests"],
  [500, "error", "server-error"],
  [503, "warning", "no-responders"],
];

/**
 * Returns the status of a message, or `undefined` if it has none.
 *
 * A message that a consumer delivered is no status: its publisher chose its headers. Its reply begins with `$JS.ACK.`.
 * The answer to a direct get can be such a message too: see `directGetInfo`.
 *
 * @example
 * ```ts
 * import { decodeHeaders } from "@natswire/codec";
 * import { statusOf } from "@natswire/codec/jetstream";
 *
 * const block = new TextEncoder().encode("NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 3\r\n\r\n");
 * const status = statusOf({ headers: decodeHeaders(block) });
 * console.log(status?.kind, status?.pendingMessages, status?.isTerminal); // request-timeout 3 false
 * ```
 */
export function statusOf({ headers, reply }: StatusSource): Status | undefined {
  if (headers?.status === undefined || reply?.startsWith("$JS.ACK.")) return undefined;
  const { status: code, description = "" } = headers;
  const { kind, severity } = kindOf(code, description);
  const integer = (name: string, max?: bigint): bigint | undefined => readInteger(lastValue(headers, name), max);
  const count = (name: string): number | undefined => {
    const value = integer(name, BigInt(MAX_EXACT));
    return value === undefined ? undefined : Number(value);
  };
  const line = {
    code,
    description,
    severity,
    isTerminal: kind === "consumer-deleted" || kind === "consumer-is-push-based",
    pendingMessages: count(jetStreamHeaders.pendingMessages),
    pendingBytes: count(jetStreamHeaders.pendingBytes),
  };
  switch (kind) {
    case "idle-heartbeat":
      return {
        kind,
        ...line,
        lastConsumerSequence: integer(jetStreamHeaders.lastConsumer),
        lastStreamSequence: integer(jetStreamHeaders.lastStream),
        stalled: lastValue(headers, jetStreamHeaders.consumerStalled),
      };
    case "flowcontrol-request":
      return { kind, ...line, reply };
    case "eob":
      return {
        kind,
        ...line,
        numPending: integer(jetStreamHeaders.numPending),
        lastSequence: integer(jetStreamHeaders.lastSequence),
        upToSequence: integer(jetStreamHeaders.upToSequence),
      };
    case "no-responders":
      return { kind, ...line, subject: lastValue(headers, jetStreamHeaders.subject) };
    default:
      return { kind, ...line };
  }
}

function kindOf(code: number, description: string): { kind: Status["kind"]; severity: Severity } {
  const text = description.toLowerCase().replaceAll(" ", "-");
  for (const [of, severity, kinds] of described) {
    const kind = of === code ? kinds.split(" ").find((one) => text.startsWith(one)) : undefined;
    if (kind !== undefined) return { kind: kind as Status["kind"], severity };
  }
  const [, severity = "warning", kind = "unknown"] = coded.find(([of]) => of === code) ?? [];
  return { kind: kind as Status["kind"], severity };
}
