// SPDX-License-Identifier: Apache-2.0
// Adapters that break one rule each. The suite must fail in the case that is named for it.
import type { Dial, Transport, TransportHandler } from "@natswire/io";
import { dialWith as dialSound } from "@natswire/node";
import type { SuiteTls } from "../suite.ts";

/** An adapter with one fault. */
export interface Mutant {
  /** The title of the case that finds it. */
  readonly foundBy: string;
  /** Returns the faulty `dialWith`. */
  readonly dialWith: (tls?: SuiteTls) => Dial;
}

/** What a fault replaces: methods of the transport, and reports to the handler. */
interface Fault {
  transport?(sound: Transport, on: TransportHandler): Partial<Transport>;
  handler?(on: TransportHandler): Partial<TransportHandler>;
}

const LF = 0x0a;
const BIGGEST = 65_536;
const KEEPS = "never changes a payload after delivery (10,000 kept)";
const LARGE = "sends and receives several payloads of 1 MiB";
const FLOWS = "publishes and subscribes";
const rule = (title: string): string => `transport: ${title}`;

/** Every mutant, by what is wrong with it. */
export const mutants: Readonly<Record<string, Mutant>> = {
  "reports open while it is dialled": {
    foundBy: rule("reports open once, after dial has returned"),
    dialWith: (tls) => (to, on) => {
      on.open();
      return dialSound(tls)(to, { ...on, open() {} });
    },
  },
  "reports open twice": {
    foundBy: rule("reports open once, after dial has returned"),
    dialWith: faulty({
      handler: (on) => ({
        open() {
          on.open();
          on.open();
        },
      }),
    }),
  },
  "never reports open": {
    foundBy: "connects and receives INFO",
    dialWith: faulty({ handler: () => ({ open() {} }) }),
  },
  "reports the end twice": {
    foundBy: rule("reports the end once, and nothing after it"),
    dialWith: faulty({
      handler: (on) => ({
        close(error) {
          on.close(error);
          on.close(error);
        },
      }),
    }),
  },
  "never reports the end": {
    foundBy: rule("reports the end once, and nothing after it"),
    dialWith: faulty({ handler: () => ({ close() {} }) }),
  },
  "reports the end before the last bytes": {
    foundBy: rule("reports the end once, and nothing after it"),
    dialWith: (tls) => (to, on) => {
      let last: Uint8Array | undefined;
      const data = (chunk: Uint8Array): void => {
        if (String.fromCharCode(...chunk.subarray(0, 4)) === "-ERR") last = chunk;
        else on.data(chunk);
      };
      const close = (error?: Error): void => {
        on.close(error);
        if (last !== undefined) on.data(last);
      };
      return dialSound(tls)(to, { ...on, data, close });
    },
  },
  "reports a reset without an error": {
    foundBy: rule("reports a reset with an error"),
    dialWith: faulty({ handler: (on) => ({ close: () => on.close() }) }),
  },
  "does not report a refused connection": {
    foundBy: rule("reports a refused connection with an error"),
    dialWith: faulty({ handler: (on) => ({ close: (error) => (error === undefined ? on.close() : undefined) }) }),
  },
  "ignores pause()": {
    foundBy: rule("stops reading at pause(), and loses nothing"),
    dialWith: faulty({ transport: () => ({ pause() {} }) }),
  },
  "ignores resume()": {
    foundBy: rule("stops reading at pause(), and loses nothing"),
    dialWith: faulty({ transport: () => ({ resume() {} }) }),
  },
  "loses what arrives while it is paused": {
    foundBy: rule("stops reading at pause(), and loses nothing"),
    dialWith: (tls) => (to, on) => {
      let isPaused = false;
      const sound = dialSound(tls)(to, { ...on, data: (chunk) => isPaused || on.data(chunk) });
      const set = (to: boolean) => (): void => {
        isPaused = to;
      };
      return { ...sound, pause: set(true), resume: set(false) };
    },
  },
  "reports data inside resume()": {
    foundBy: rule("stops reading at pause(), and loses nothing"),
    dialWith: (tls) => (to, on) => {
      let waiting: Uint8Array[] | undefined;
      const data = (chunk: Uint8Array): void => void (waiting?.push(chunk) ?? on.data(chunk));
      const sound = dialSound(tls)(to, { ...on, data });
      return {
        ...sound,
        pause() {
          waiting = [];
        },
        resume() {
          const chunks = waiting ?? [];
          waiting = undefined;
          for (const chunk of chunks) on.data(chunk);
        },
      };
    },
  },
  "returns true from every write": {
    foundBy: rule("returns false if 64 KiB wait, and reports ready"),
    dialWith: faulty({ transport: (sound) => ({ write: (bytes, more) => sound.write(bytes, more) || true }) }),
  },
  "never reports ready": {
    foundBy: rule("returns false if 64 KiB wait, and reports ready"),
    dialWith: faulty({ handler: () => ({ ready() {} }) }),
  },
  "never reports what was written": {
    foundBy: rule("reports every byte as written, once"),
    dialWith: faulty({ handler: () => ({ written() {} }) }),
  },
  "reports twice what was written": {
    foundBy: rule("reports every byte as written, once"),
    dialWith: faulty({
      handler: (on) => ({
        written(bytes) {
          on.written(bytes);
          on.written(bytes);
        },
      }),
    }),
  },
  "reports bytes as written that it has not copied": {
    foundBy: rule("does not read memory that it reported as written"),
    dialWith: faulty({
      handler: () => ({ written() {} }),
      transport: (sound, on) => ({
        write(bytes, more) {
          const isRoom = sound.write(bytes, more);
          on.written(bytes.length);
          return isRoom;
        },
      }),
    }),
  },
  "writes the first 64 KiB of a segment": {
    foundBy: LARGE,
    dialWith: faulty({
      transport: (sound) => ({ write: (bytes, more) => sound.write(bytes.subarray(0, BIGGEST), more) }),
    }),
  },
  "writes segments in another order": {
    foundBy: LARGE,
    dialWith: faulty({
      transport: (sound) => {
        const later: Uint8Array[] = [];
        return {
          write(bytes, more) {
            if (more) return later.push(bytes) > 0;
            const isRoom = sound.write(bytes, false);
            for (const one of later.splice(0)) sound.write(one, false);
            return isRoom;
          },
        };
      },
    }),
  },
  "reads into the same memory again": {
    foundBy: rule("never changes a chunk that it has reported"),
    dialWith: (tls) => (to, on) => {
      const memory = new Uint8Array(1_048_576);
      const data = (chunk: Uint8Array): void => {
        memory.set(chunk);
        on.data(memory.subarray(0, chunk.length));
      };
      return dialSound(tls)(to, { ...on, data });
    },
  },
  "reports the whole memory in place of the chunk": {
    foundBy: FLOWS,
    dialWith: faulty({ handler: (on) => ({ data: (chunk) => on.data(new Uint8Array(chunk.buffer)) }) }),
  },
  "reads bytes as text": {
    foundBy: KEEPS,
    dialWith: faulty({
      handler: (on) => ({ data: (chunk) => on.data(new TextEncoder().encode(new TextDecoder().decode(chunk))) }),
    }),
  },
  "loses chunks that end inside a message": {
    foundBy: LARGE,
    dialWith: faulty({ handler: (on) => ({ data: (chunk) => (chunk.at(-1) === LF ? on.data(chunk) : undefined) }) }),
  },
  "loses what waits at close()": {
    foundBy: rule("sends what was written before close()"),
    dialWith: faulty({ transport: (sound) => ({ close: () => sound.abort() }) }),
  },
  "reports data after close()": {
    foundBy: rule("reports no data after close()"),
    dialWith: faulty({ transport: (sound) => ({ close: (grace) => void setTimeout(() => sound.close(grace), 20) }) }),
  },
  "reports data after abort()": {
    foundBy: rule("reports no data after abort()"),
    dialWith: faulty({ transport: (sound) => ({ abort: () => void setTimeout(() => sound.abort(), 20) }) }),
  },
  "waits without an end at close()": {
    foundBy: rule("ends after the grace of close() if the peer does not read"),
    dialWith: faulty({ transport: (sound) => ({ close: () => sound.close(3_600_000) }) }),
  },
  "ignores abort()": {
    foundBy: rule("closes the connection at abort()"),
    dialWith: faulty({ transport: () => ({ abort() {} }) }),
  },
  "reports the end at abort(), and keeps the socket": {
    foundBy: rule("closes the connection at abort()"),
    dialWith: faulty({ transport: (_, on) => ({ abort: () => queueMicrotask(() => on.close()) }) }),
  },
  "ignores close()": {
    foundBy: rule("closes the connection at close()"),
    dialWith: faulty({ transport: () => ({ close() {} }) }),
  },
  "opens after abort()": {
    foundBy: rule("can be aborted while it connects"),
    dialWith: (tls) => (to, on) => {
      let isOpen = false;
      const open = (): void => {
        isOpen = true;
        on.open();
      };
      const sound = dialSound(tls)(to, { ...on, open });
      return { ...sound, abort: () => isOpen && sound.abort() };
    },
  },
  "throws after the end": {
    foundBy: rule("ignores calls after the end"),
    dialWith: (tls) => (to, on) => {
      let isOver = false;
      const close = (error?: Error): void => {
        isOver = true;
        on.close(error);
      };
      const sound = dialSound(tls)(to, { ...on, close });
      const write: Transport["write"] = (bytes, more) => {
        if (isOver) throw new Error("the socket is closed");
        return sound.write(bytes, more);
      };
      return { ...sound, write };
    },
  },
  "reports an error for a write after close()": {
    foundBy: rule("ignores calls after close()"),
    dialWith: (tls) => (to, on) => {
      let failure: Error | undefined;
      let isClosing = false;
      const sound = dialSound(tls)(to, { ...on, close: (error) => on.close(error ?? failure) });
      return {
        ...sound,
        close(grace) {
          isClosing = true;
          sound.close(grace);
        },
        write(bytes, more) {
          if (isClosing) failure = new Error("write after end");
          return sound.write(bytes, more);
        },
      };
    },
  },
  "sends in plain text during a TLS handshake": {
    foundBy: rule("keeps what is written during a TLS handshake"),
    dialWith: faulty({ transport: (sound) => ({ startTls: () => void setTimeout(() => sound.startTls?.(), 20) }) }),
  },
  "accepts a certificate of any authority": {
    foundBy: "rejects an untrusted certificate",
    dialWith: (tls) => dialSound({ ...tls, rejectUnauthorized: false }),
  },
  "accepts a certificate of another host": {
    foundBy: "rejects a certificate of another host",
    dialWith: (tls) => dialSound({ ...tls, checkServerIdentity: () => undefined }),
  },
  "trusts only the authorities of the machine": {
    foundBy: "uses TLS",
    dialWith: ({ ca: _, ...tls } = {}) => dialSound(tls),
  },
  "does not send the client's certificate": {
    foundBy: "sends a client certificate",
    dialWith: ({ ca } = {}) => dialSound({ ca }),
  },
  "ignores handshakeFirst": {
    foundBy: "uses TLS from the first byte (handshakeFirst)",
    dialWith: (tls) => (to, on) => dialSound(tls)(to.scheme === "tls-first" ? { ...to, scheme: "tcp" } : to, on),
  },
};

/** Returns a `dialWith` whose transports have a fault. */
function faulty({ transport, handler }: Fault): Mutant["dialWith"] {
  return (tls) => (to, on) => {
    const sound = dialSound(tls)(to, { ...on, ...handler?.(on) });
    return { ...sound, ...transport?.(sound, on) };
  };
}
