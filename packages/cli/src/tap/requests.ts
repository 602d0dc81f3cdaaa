// SPDX-License-Identifier: Apache-2.0
import type { FrameView, Side } from "../frame-reader.ts";

/** The request that a message answers. */
export interface Answer {
  /** The subject of the request. */
  readonly request: string;
  /** Milliseconds since the request. */
  readonly latency: number;
  /** Whether the server answered that the subject has no subscriber. */
  readonly isNoResponders: boolean;
}

interface Request {
  readonly subject: string;
  readonly at: number;
}

// Requests of one side of a connection that wait for their answer; with more, the oldest is forgotten.
const MAX_OPEN = 1000;
// JetStream answers a pull request with messages on other subjects, and with statuses when it likes.
const PULL = /^\$JS\.(?:[^.]+\.)?API\.CONSUMER\.MSG\.NEXT\./;
const NO_RESPONDERS = Buffer.from("NATS/1.0 503");

/** Pairs the requests of one connection with their first answers, by the reply subject. */
export class RequestTracker {
  readonly #open: Readonly<Record<Side, Map<string, Request>>> = { client: new Map(), server: new Map() };

  /** Returns the request that a frame answers, and remembers the frame if it is a request itself. */
  observe(at: number, from: Side, view: FrameView): Answer | undefined {
    if (!view.isMessage) return undefined;
    const answer = this.#answered(at, from, view);
    const { reply } = view;
    if (reply === undefined || reply.startsWith("$JS.ACK.")) return answer;
    const subject = view.subject as string;
    if (PULL.test(subject)) return answer;
    const open = this.#open[from];
    open.set(reply, { subject, at });
    const [oldest] = open.size > MAX_OPEN ? open.keys() : [];
    if (oldest !== undefined) open.delete(oldest);
    return answer;
  }

  #answered(at: number, from: Side, view: FrameView): Answer | undefined {
    const open = this.#open[from === "client" ? "server" : "client"];
    if (open.size === 0) return undefined;
    const subject = view.subject as string;
    const request = open.get(subject);
    if (request === undefined) return undefined;
    open.delete(subject);
    const isNoResponders =
      view.headers !== undefined && NO_RESPONDERS.equals(view.headers.subarray(0, NO_RESPONDERS.length));
    return { request: request.subject, latency: at - request.at, isNoResponders };
  }
}
