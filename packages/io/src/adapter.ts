// SPDX-License-Identifier: Apache-2.0
/**
 * Exports what adapters and tools share, and programs do not need: options, certificates, clocks, and the text of frames. It does
 * not import the embedded server.
 *
 * @module
 */

export { parseAddress, Queue, withoutUserinfo } from "@natswire/session";
export { decodePublicKey, decodeSeed, encodeSeed } from "./auth/nkeys.ts";
export { badField, badValue } from "./bad-field.ts";
export { connectWith } from "./client/connect-with.ts";
export { connectWithTls, type TlsConnectOptions } from "./client/connect-with-tls.ts";
export { connectionOptions } from "./client/connection-options.ts";
export { realClock } from "./clock.ts";
export { asError } from "./connection-error.ts";
export { checkFunction, checkNoMore, checkOptions, optionsOf } from "./options.ts";
export { timers } from "./platform.ts";
export { formatEntries, formatFrame } from "./testing/format-frame.ts";
export { REDACTED, redacted, redactedFrame } from "./testing/redacted.ts";
export { type Pem, type PemTexts, pemOptions, readPem } from "./transport/pem.ts";
export { checkScheme, DEFAULT_GRACE_MS, HIGH_WATER, urlOf } from "./transport/transport.ts";
