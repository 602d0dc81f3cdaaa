// SPDX-License-Identifier: Apache-2.0
// Runs the embedded server in its own process, until its standard input ends.
import { serve } from "@natswire/node";

const server = await serve({ maxPending: 67_108_864 });
console.log(server.port);
process.stdin.resume().once("end", () => void server.close());
