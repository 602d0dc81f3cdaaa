// SPDX-License-Identifier: Apache-2.0
import type { RuntimeName } from "../../testkit/runtimes.ts";

const columns = ["node", "node24", "bun", "deno"] as const;
type Row = readonly [node?: number, node24?: number, bun?: number, deno?: number];

/**
 * The lowest passing ratio to the first contestant's speed: to that of the official client, if it takes part. A workload
 * without an entry has no gate.
 */
const gates: Readonly<Record<string, Row>> = {
  "parse scan 0 B": [13, 15, 16, 14],
  "parse scan 16 B": [13, 15, 16, 14],
  "parse scan 128 B": [13, 15, 16, 14],
  "parse scan 1 KB": [12, 15, 15, 14],
  "parse scan 64 KB": [9, 11, 13, 10],
  "parse scan 64 KB, chunks of 64 KB": [1.5, 1.5, 1.5, 1.5],
  "parse scan 1 MB, chunks of 64 KB": [1.5, 1.5, 1.5, 1.5],
  "parse scan 128 B, with headers": [12, 12, 14, 16],
  "parse scan 16 B, chunks of 1 B": [10, 10, 10, 10],
  "parse subject 16 B": [13, 16, 15, 15],
  "parse subject 16 B, 100 subjects": [6.5, 8, 7, 8],
  "parse view 16 B": [7, 7.5, 5, 7.5],
  "parse view 1 KB": [7, 7.5, 5, 7.5],
  "parse view mixed sizes, 100 subjects": [5, 5.3, 3.9, 5],
  "parse view 128 B, with headers": [4.6, 4.7, 3.9, 5.5],
  "parse frame 0 B": [6.3, 6.5, 4.4, 6.5],
  "parse frame 16 B": [6.3, 6.5, 4.4, 6.5],
  "parse frame 128 B": [6.3, 6.5, 4.4, 6.5],
  "parse frame 1 KB": [6.3, 6.5, 4.4, 6.5],
  "parse rewrite 16 B": [2.5, 2.5, 2, 2.5],
  "parse rewrite 16 B, 100 subjects": [2.5, 2.5, 2, 2.5],
  "parse rewrite 128 B": [2.5, 2.5, 2, 2.5],
  "parse rewrite 2 KB": [2.5, 2.5, 2, 2.5],
  "parse rewrite 16 KB": [8, 8, 6, 8],
  "parse server PUB 16 B": [0.7, 0.7, 0.7, 0.7],
  "parse server HPUB 128 B": [0.7, 0.7, 0.7, 0.7],
  "encode 0 B": [20, 25, 8, 30],
  "encode 16 B": [13, 16, 6.5, 20],
  "encode 128 B": [13, 17, 4.8, 17],
  "encode 1 KB": [10, 12, 5.5, 11],
  "encode 64 KB": [100, 100, 100, 100],
  "encode 16 B, 100 subjects": [10, 12, 4.5, 16],
  "encode 16 B, subject built for each": [3.5, 3.5, 1.6, 3.7],
  "one frame": [3, 3],
  "one decoder": [2.5, 2.5],
  "hooks, publish 16 B": [0.95, 0.95],
  "hooks, deliver 16 B": [0.95, 0.95],
  "client publish 0 B": [16],
  "client publish 16 B": [8, 8, 3.5, 7],
  "client publish 128 B": [7.5],
  "client publish 1 KB": [3],
  "client publish 64 KB": [1.3],
  "client subscribe, callback 0 B": [5],
  "client subscribe, callback 16 B": [5, 5, 2.8, 2.2],
  "client subscribe, callback 128 B": [4],
  "client subscribe, callback 1 KB": [1.5],
  "client subscribe, callback 64 KB": [1.2],
  "client request, 500 at once 16 B": [14, 14, 5, 12],
  "client JetStream publish, 1,000 at once 16 B": [2],
  "client JetStream consume and ack 16 B": [2.5],
  "client JetStream Key-Value get, 500 at once 16 B": [1.6],
};

/** Returns the gate of a workload on a runtime, if it has one. */
export function gateOf(workload: string, runtime: RuntimeName): number | undefined {
  return gates[workload]?.[columns.indexOf(runtime)];
}
