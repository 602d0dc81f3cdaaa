// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

interface Subtle {
  importKey(
    format: "raw" | "pkcs8",
    key: Uint8Array,
    as: Algorithm,
    extractable: boolean,
    uses: ["verify"] | ["sign"],
  ): Promise<unknown>;
  sign(by: Algorithm, key: unknown, message: Uint8Array): Promise<ArrayBuffer>;
  verify(by: Algorithm, key: unknown, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
}

interface Algorithm {
  readonly name: "Ed25519";
}

interface Timers {
  setTimeout(run: () => void, after: number): unknown;
  clearTimeout(timer: unknown): void;
  queueMicrotask(run: () => void): void;
  // Not every runtime has these two: `defer` tries them.
  setImmediate(run: () => void): void;
  MessageChannel: new () => Channel;
}

/** In Node a port keeps the process running, unless `unref` was called. */
interface Channel {
  readonly port1: { onmessage: (() => void) | null; ref?(): void; unref?(): void };
  readonly port2: { postMessage(message: undefined): void };
}

interface Host extends Timers {
  performance: { now(): number };
  Date: { now(): number };
  crypto: { getRandomValues(into: Uint8Array): Uint8Array; subtle: Subtle };
  URLSearchParams: new (query: string) => { get(name: string): string | null };
  /** Node, Deno and Bun have it; a bundler may put another object into its place. */
  process?: { getBuiltinModule?(name: string): unknown };
  btoa(latin1: string): string;
  console: { error(text: string): void; warn(text: string): void };
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new (
    encoding: "utf-8",
    options: { readonly ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}

/** What every runtime has, and the library of ES2022 does not declare. */
export const host: Host = globalThis as unknown as Host;

/** The timers that the runtime has when this module is loaded. Fake timers that a test installs later do not replace them. */
export const timers: Timers & { now(): number } = /* @__PURE__ */ capture(host);

function capture(runtime: Host): typeof timers {
  const { setTimeout, clearTimeout, queueMicrotask, MessageChannel } = runtime;
  const { performance, setImmediate } = runtime as Partial<Host>;
  const isFake = setImmediate !== undefined && "clock" in setImmediate;
  return {
    now: performance?.now.bind(performance) ?? monotonic(runtime.Date),
    setTimeout: setTimeout.bind(host),
    clearTimeout: clearTimeout.bind(host),
    queueMicrotask: queueMicrotask.bind(host),
    MessageChannel,
    // Fake timers of sinon, vitest and Jest that were installed before have the field `clock`.
    setImmediate: (isFake ? undefined : setImmediate?.bind(host)) as Host["setImmediate"],
  };
}

/** Returns a clock for a host without `performance`. It continues from its latest time if the host's is set back. */
function monotonic({ now }: Host["Date"]): () => number {
  let latest = 0;
  let lag = 0;
  return () => {
    lag = Math.max(lag, latest - now());
    latest = now() + lag;
    return latest;
  };
}

/** Encodes text as UTF-8. */
export const encoder: { encode(text: string): Uint8Array } = /* @__PURE__ */ new host.TextEncoder();

/** Decodes UTF-8, and keeps a byte order mark at the beginning; invalid bytes become U+FFFD. */
export const decoder: { decode(bytes: Uint8Array): string } = /* @__PURE__ */ new host.TextDecoder("utf-8", {
  ignoreBOM: true,
});

/**
 * Fills an array with random bytes of the platform's cryptographic generator.
 *
 * @throws UsageError BAD_FIELD if the runtime has none
 */
export function random(into: Uint8Array): void {
  const { crypto } = host as { readonly crypto?: Partial<Host["crypto"]> };
  if (crypto?.getRandomValues === undefined) {
    throw new UsageError(
      "BAD_FIELD",
      "this runtime has no crypto.getRandomValues; load a polyfill, for example react-native-get-random-values",
    );
  }
  crypto.getRandomValues(into);
}

/**
 * Returns WebCrypto, which hashes for every nkey, even if it has no Ed25519.
 *
 * @throws UsageError BAD_FIELD if the runtime has none
 */
export function webCrypto(): Subtle {
  const { crypto } = host as { readonly crypto?: Partial<Host["crypto"]> };
  if (crypto?.subtle === undefined) {
    throw new UsageError("BAD_FIELD", "nkeys need crypto.subtle, which a page has only over https: or from localhost");
  }
  return crypto.subtle;
}
