// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect } from "node:net";
import { batchOf } from "./batch.ts";
import type { Player } from "./player.ts";

const INBOX = "_INBOX.raw";

/** Connects a raw socket as the lower bound: it writes prepared bytes, and counts received bytes without decoding. */
export async function raw(url: string, subject: string, size: number): Promise<Player> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let received = 0;
  let onData = (): void => {};
  socket.write('CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n');
  let greeting = "";
  while (!greeting.endsWith("PONG\r\n")) greeting += String(((await once(socket, "data")) as [Buffer])[0]);
  socket.on("data", ({ length }) => {
    received += length;
    onData();
  });

  /** Resolves after `bytes` more bytes. */
  async function until(bytes: number): Promise<void> {
    while (received < bytes) await new Promise<void>((resolve) => (onData = resolve));
    received -= bytes;
  }

  async function write(bytes: Buffer): Promise<void> {
    if (!socket.write(bytes)) await once(socket, "drain");
  }

  async function roundTrip(text: string): Promise<void> {
    await write(Buffer.from(`${text}PING\r\n`));
    await until("PONG\r\n".length);
  }

  /** Returns the same PUB, repeated. */
  function times(messages: number, reply: string, payload: Uint8Array): Buffer {
    const one = Buffer.concat([
      Buffer.from(`PUB ${subject} ${reply}${payload.length}\r\n`),
      payload,
      Buffer.from("\r\n"),
    ]);
    return Buffer.concat(Array.from({ length: messages }, () => one));
  }

  return {
    async publish(payload, messages) {
      const batch = batchOf(payload.length);
      const full = times(batch, "", payload);
      for (let left = messages; left > 0; left -= batch) await write(left < batch ? times(left, "", payload) : full);
      await roundTrip("");
    },
    async subscribe(_, onMessage) {
      await roundTrip(`SUB ${subject} 1\r\n`);
      const line = `MSG ${subject} 1 ${size}\r\n\r\n`.length + size;
      onData = () => {
        const messages = Math.floor(received / line);
        received -= messages * line;
        onMessage(messages * size, messages);
      };
    },
    async request(payload, messages, ways) {
      await roundTrip(`SUB ${INBOX} 1\r\n`);
      const block = times(ways, `${INBOX} `, payload);
      const line = `MSG ${INBOX} 1 ${size}\r\n\r\n`.length + size;
      for (let left = messages; left > 0; left -= ways) {
        await write(block);
        await until(ways * line);
      }
      await roundTrip("UNSUB 1\r\n");
      return messages * size;
    },
  };
}
