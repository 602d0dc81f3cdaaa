// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect } from "node:net";
import { batchOf } from "./batch.ts";
import type { Player } from "./player.ts";

const INBOX = "_INBOX.raw";

/** The floor: a socket that writes bytes made before, and counts the bytes that come without looking at them. */
export async function raw(url: string, subject: string, size: number): Promise<Player> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let came = 0;
  let look = (): void => {};
  socket.write('CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n');
  let greeting = "";
  while (!greeting.endsWith("PONG\r\n")) greeting += String(((await once(socket, "data")) as [Buffer])[0]);
  socket.on("data", ({ length }) => {
    came += length;
    look();
  });

  /** So many bytes more have come. */
  async function until(bytes: number): Promise<void> {
    while (came < bytes) await new Promise<void>((resolve) => (look = resolve));
    came -= bytes;
  }

  async function write(bytes: Buffer): Promise<void> {
    if (!socket.write(bytes)) await once(socket, "drain");
  }

  async function ask(text: string): Promise<void> {
    await write(Buffer.from(`${text}PING\r\n`));
    await until("PONG\r\n".length);
  }

  /** The same command many times over. */
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
      await ask("");
    },
    async subscribe(_, heard) {
      await ask(`SUB ${subject} 1\r\n`);
      const line = `MSG ${subject} 1 ${size}\r\n\r\n`.length + size;
      look = () => {
        const messages = Math.floor(came / line);
        came -= messages * line;
        heard(messages * size, messages);
      };
    },
    async request(payload, messages, ways) {
      await ask(`SUB ${INBOX} 1\r\n`);
      const block = times(ways, `${INBOX} `, payload);
      const line = `MSG ${INBOX} 1 ${size}\r\n\r\n`.length + size;
      for (let left = messages; left > 0; left -= ways) {
        await write(block);
        await until(ways * line);
      }
      await ask("UNSUB 1\r\n");
      return messages * size;
    },
  };
}
