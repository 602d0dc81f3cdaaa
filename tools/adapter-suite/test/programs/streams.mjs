// SPDX-License-Identifier: Apache-2.0
// An adapter on web streams: those of Node's sockets.
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { connectWith, streamDial } from "@natswire/io";

const dial = streamDial(async ({ host, port }) => {
  const socket = connectTcp(port, host);
  await once(socket, "connect");
  return Duplex.toWeb(socket);
});

export const dialWith = () => dial;

/** @param {Parameters<typeof connectWith>[1]} options */
export const connect = (options) => connectWith(dial, options);
