// SPDX-License-Identifier: Apache-2.0
// One workload, in whatever runtime this is: child.js ROUNDS NAME, results as JSON.
import process from "node:process";
import * as codec from "@natswire/codec";
import { race } from "./race.ts";
import { workloads } from "./workloads.ts";

const [rounds, name] = process.argv.slice(2);
const { contestants, messages } = workloads.get(name!)!(codec);
console.log(JSON.stringify(race(contestants, messages, Number(rounds))));
