// SPDX-License-Identifier: Apache-2.0
export type { Server } from "@natswire/runtime";
export { listen } from "./listen.ts";
export { serve } from "./serve.ts";
