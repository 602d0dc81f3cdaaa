// SPDX-License-Identifier: Apache-2.0
/**
 * Exports what adapters with a listener share.
 *
 * @module
 */

export { readAdvertised } from "./server/advertised.ts";
export { HandshakeError, reportHandshake } from "./server/handshake-error.ts";
export { certificateFailure, listenFailure } from "./server/listen-failure.ts";
export { type MonitorHost, serveMonitorOn } from "./server/monitor/serve-monitor.ts";
export { serveClusterOn, serveOn } from "./server/serve-on.ts";
export { FaultInjector } from "./testing/fault-injector.ts";
