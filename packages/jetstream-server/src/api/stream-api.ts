// SPDX-License-Identifier: Apache-2.0
import type { Handlers } from "./request.ts";

/** The API of streams and their messages. */
export const streamApi: Handlers = {};
