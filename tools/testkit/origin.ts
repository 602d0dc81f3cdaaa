// SPDX-License-Identifier: Apache-2.0
import type { ClientOrigin } from "@natswire/node";

/** An origin for authorizers that do not depend on it. */
export const origin: ClientOrigin = { address: undefined, certificate: undefined, listener: "nats://127.0.0.1:4222" };
