// SPDX-License-Identifier: Apache-2.0
/**
 * What adapters share and programs do not need: certificates, addresses, and what a socket's error becomes.
 *
 * @module
 */

export { withoutUserinfo } from "@natswire/session";
export { decodePublicKey, decodeSeed, encodeSeed } from "./auth/nkeys.ts";
export { connectWithTls, type TlsConnectOptions } from "./client/connect-with-tls.ts";
export { realClock } from "./clock.ts";
export { asError } from "./connection-error.ts";
export { checkNoMore, optionsOf } from "./options.ts";
export { serverFramesWithAnySid } from "./testing/frame-recorder.ts";
export { REDACTED, redacted } from "./testing/redacted.ts";
export { type Pem, type PemTexts, readPem } from "./transport/pem.ts";
export { checkScheme, DEFAULT_GRACE_MS, urlOf } from "./transport/transport.ts";
