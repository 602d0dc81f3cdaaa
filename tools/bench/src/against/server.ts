// SPDX-License-Identifier: Apache-2.0
import { made, type StreamOptions } from "../parse.ts";
import type { Work } from "../workloads.ts";
import type { Build } from "./build.ts";

const encoder = new TextEncoder();

/**
 * Returns the work of a server that delivers each published message to `subscribers` clients. The checksum is the number
 * of bytes. Each delivery counts as a message.
 */
export function fanOut(subscribers: number, options: StreamOptions, { codec, server }: Build): Work {
  const core = new server.ServerCore({ random: (into) => into.fill(7) });
  const connect = (lines: string): number => {
    const peer = core.opened(0);
    core.received(peer, encoder.encode(`CONNECT {"verbose":false}\r\n${lines}PING\r\n`), 0);
    written(peer);
    return peer;
  };
  const written = (peer: number): number => {
    let sum = 0;
    for (let bytes = core.transmit(peer); bytes !== undefined; bytes = core.transmit(peer)) sum += bytes.length;
    core.released(peer, sum);
    return sum;
  };
  const publisher = connect("");
  const peers = Array.from({ length: subscribers }, () => connect("SUB orders.europe.0000 1\r\n"));
  const { published, messages } = made(options, codec);
  const run = (): number => {
    let sum = 0;
    for (const chunk of published) {
      core.received(publisher, chunk, 0);
      while (core.poll() !== undefined);
      for (const peer of peers) sum += written(peer);
    }
    return sum;
  };
  return { contestants: [{ name: "fan-out", run }], messages: messages * subscribers };
}
