// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/bun";
import { runShop } from "./shop.mjs";

await runShop(await connect({ servers: process.argv[2], name: "shop" }));
