// SPDX-License-Identifier: Apache-2.0
// Runs one workload on the current runtime and prints the results as JSON: child.js ROUNDS NAME
import process from "node:process";
import * as codec from "@natswire/codec";
import { race } from "./race.ts";
import { workloads } from "./workloads.ts";

const [rounds, name] = process.argv.slice(2);
const { contestants, messages } = await workloads.get(name!)!(codec);
console.log(JSON.stringify(race(contestants, messages, Number(rounds))));
