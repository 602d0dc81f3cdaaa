// SPDX-License-Identifier: Apache-2.0

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

interface Host {
  performance: { now(): number };
  crypto: { getRandomValues(into: Uint8Array): Uint8Array; subtle: Subtle };
  setTimeout(run: () => void, after: number): unknown;
  clearTimeout(timer: unknown): void;
  queueMicrotask(run: () => void): void;
  console: { error(text: string): void; warn(text: string): void };
  setImmediate?(run: () => void): void;
  MessageChannel?: new () => {
    readonly port1: { onmessage: (() => void) | null };
    readonly port2: { postMessage(message: undefined): void };
  };
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new (
    encoding: "utf-8",
    options: { readonly ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}

/** What every runtime has, and the library of ES2022 does not declare. */
export const host: Host = globalThis as unknown as Host;

/** Encodes text as UTF-8. */
export const encoder: { encode(text: string): Uint8Array } = /* @__PURE__ */ new host.TextEncoder();

/** Decodes UTF-8, and keeps a byte order mark at the beginning; invalid bytes become U+FFFD. */
export const decoder: { decode(bytes: Uint8Array): string } = /* @__PURE__ */ new host.TextDecoder("utf-8", {
  ignoreBOM: true,
});

/** Fills an array with random bytes of the platform's cryptographic generator. */
export function random(into: Uint8Array): void {
  host.crypto.getRandomValues(into);
}
