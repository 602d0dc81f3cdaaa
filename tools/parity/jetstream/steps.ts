// SPDX-License-Identifier: Apache-2.0
import type { Data, HeaderLines, Request, Send, Step } from "./script.ts";

/** The fields of a configuration. */
export type Config = { readonly name?: string } & Readonly<Record<string, unknown>>;

/** Requests an operation of the JetStream API, such as `STREAM.INFO.S`. */
export const api = (subject: string, data?: Data, headers?: HeaderLines): Request => ({
  request: `$JS.API.${subject}`,
  ...(data !== undefined && { data }),
  ...(headers !== undefined && { headers }),
});

/** Creates a stream in memory, `S` with the subjects `s.>` by default. */
export const stream = (config: Config = {}): Request => {
  const { name = "S" } = config;
  return api(`STREAM.CREATE.${name}`, { name, subjects: [`${name.toLowerCase()}.>`], storage: "memory", ...config });
};

/** Creates a durable pull consumer of the stream `S`, `C` by default. */
export const consumer = (config: Config = {}, rest: object = {}): Request => {
  const { name = "C" } = config;
  return api(`CONSUMER.CREATE.S.${name}`, {
    stream_name: "S",
    config: { name, durable_name: name, ack_policy: "explicit", ...config },
    ...rest,
  });
};

/** Publishes to a stream, and waits for the acknowledgement. */
export const publish = (subject: string, data: Data = "", headers?: HeaderLines): Request => ({
  request: subject,
  data,
  ...(headers !== undefined && { headers }),
});

/** Publishes to `s.a`: the numbers from 1 on as payloads. */
export const fill = (messages: number, subject = "s.a"): readonly Request[] =>
  Array.from({ length: messages }, (_, i) => publish(subject, String(i + 1)));

/** Pulls from the consumer `C` of the stream `S`. Messages and statuses are sent to `pull`. */
export const pull = (data: Data = { batch: 1, no_wait: true }, name = "C"): Send => ({
  send: `$JS.API.CONSUMER.MSG.NEXT.S.${name}`,
  reply: "pull",
  data,
});

/** Responds to the n-th message that was pulled. */
export const respond = (n: number, text = "+ACK", to = "pull"): Step => ({ respond: text, to: [to, n] });

/** Responds to the n-th message that was pulled, and waits for the confirmation. */
export const confirm = (n: number, text = "+ACK", to = "pull"): Step => ({
  respond: text,
  to: [to, n],
  confirmed: true,
});

export const subscribe = (subject: string): Step => ({ subscribe: subject });

export const wait = (milliseconds: number): Step => ({ wait: milliseconds });

/** The state of the stream `S`, of the consumer `C`. */
export const streamInfo: Request = api("STREAM.INFO.S");
export const consumerInfo: Request = api("CONSUMER.INFO.S.C");

/** The message with a sequence. */
export const message = (seq: number): Request => api("STREAM.MSG.GET.S", { seq });
