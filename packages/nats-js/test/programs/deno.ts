// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/deno";
import { consume } from "./consume.ts";

await consume(connect);
