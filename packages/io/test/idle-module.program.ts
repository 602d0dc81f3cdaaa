// SPDX-License-Identifier: Apache-2.0
// Starts a server that no client connects to, with a module that waits for an hour.
import { pipe, serveWith } from "../src/index.ts";

const server = await serveWith(pipe().listen, {
  jetstream: {
    deadline: performance.now() + 3_600_000,
    started: () => {},
    received: () => {},
    poll: () => undefined,
  },
});
console.log(server.port > 0 ? "started" : "");
