// SPDX-License-Identifier: Apache-2.0
/**
 * Exports what adapters with a listener share.
 *
 * @module
 */

export { type MonitorHost, serveMonitorOn } from "./server/monitor/serve-monitor.ts";
export { serveClusterOn, serveOn } from "./server/serve-on.ts";
