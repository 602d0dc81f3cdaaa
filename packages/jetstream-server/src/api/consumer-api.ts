// SPDX-License-Identifier: Apache-2.0
import type { Handlers } from "./request.ts";

/** The API of consumers. */
export const consumerApi: Handlers = {};
