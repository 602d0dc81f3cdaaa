// SPDX-License-Identifier: Apache-2.0
// One workload, in whatever runtime this is: child.js ROUNDS NAME, results as JSON.
import process from "node:process";
import { workloads } from "./workloads.ts";

const [rounds, name] = process.argv.slice(2);
console.log(JSON.stringify(workloads.get(name!)!(Number(rounds))));
