// SPDX-License-Identifier: Apache-2.0
// Runs the embedded server in its own process, until its standard input ends: fanout-serve.js [jetstream].
import { jetstream } from "@natswire/jetstream-server";
import { serve } from "@natswire/node";

const modules = process.argv[2] === "jetstream" ? { jetstream: jetstream() } : {};
const server = await serve({ maxPending: 67_108_864, ...modules });
console.log(server.port);
process.stdin.resume().once("end", () => void server.close());
