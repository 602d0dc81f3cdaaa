// SPDX-License-Identifier: Apache-2.0
import { host } from "../platform.ts";
import type { ConnectionHooks } from "./connection-hooks.ts";

/** What is used of `node:diagnostics_channel`. */
interface DiagnosticsChannel {
  channel(name: string): Channel;
  tracingChannel(name: string): TracingChannel;
}

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
}

interface TracingChannel {
  readonly start: Channel;
  /** `undefined` in Bun. */
  readonly hasSubscribers: boolean | undefined;
  traceSync(run: () => unknown, context: object): unknown;
  tracePromise(run: () => Promise<unknown>, context: object): Promise<unknown>;
}

/**
 * Publishes to the channels of `node:diagnostics_channel`: the tracing channels `natswire:publish`, `natswire:request` and
 * `natswire:deliver`, and the channel `natswire:status`. A hook is `undefined` while its channel has no subscriber.
 */
class ChannelHooks implements ConnectionHooks {
  readonly #publish: TracingChannel;
  readonly #request: TracingChannel;
  readonly #deliver: TracingChannel;
  readonly #onPublish: ConnectionHooks["publish"];
  readonly #onRequest: ConnectionHooks["request"];
  readonly #onDeliver: ConnectionHooks["deliver"];
  readonly status: ConnectionHooks["status"];

  constructor({ channel, tracingChannel }: DiagnosticsChannel) {
    this.#publish = tracingChannel("natswire:publish");
    this.#request = tracingChannel("natswire:request");
    this.#deliver = tracingChannel("natswire:deliver");
    const status = channel("natswire:status");
    this.#onPublish = (message, next) => this.#publish.traceSync(next, message);
    this.#onRequest = (message, next) => this.#request.tracePromise(next, message);
    // An async function, because a callback may return no promise.
    this.#onDeliver = (delivery, next) => this.#deliver.tracePromise(async () => next(), delivery);
    this.status = (change) => status.publish(change);
  }

  get publish(): ConnectionHooks["publish"] {
    return isTraced(this.#publish) ? this.#onPublish : undefined;
  }

  get request(): ConnectionHooks["request"] {
    return isTraced(this.#request) ? this.#onRequest : undefined;
  }

  get deliver(): ConnectionHooks["deliver"] {
    return isTraced(this.#deliver) ? this.#onDeliver : undefined;
  }
}

function isTraced({ hasSubscribers, start }: TracingChannel): boolean {
  return hasSubscribers ?? start.hasSubscribers;
}

/**
 * Publishes what connections do to the channels of `node:diagnostics_channel`, for the option `hooks`; `undefined` if the runtime
 * has no such module. `connect` of `@natswire/node`, `@natswire/deno` and `@natswire/bun` uses it already.
 */
export const channelHooks: ConnectionHooks | undefined = /* @__PURE__ */ open();

function open(): ConnectionHooks | undefined {
  const channels = host.process?.getBuiltinModule?.("node:diagnostics_channel") as DiagnosticsChannel | undefined;
  return channels && new ChannelHooks(channels);
}
