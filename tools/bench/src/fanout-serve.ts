// SPDX-License-Identifier: Apache-2.0
// The embedded server in a process of its own; it ends with its standard input.
import { serve } from "@natswire/node";

const server = await serve({ maxPending: 67_108_864 });
console.log(server.port);
process.stdin.resume().once("end", () => void server.close());
