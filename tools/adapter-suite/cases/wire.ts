// SPDX-License-Identifier: Apache-2.0
import type { Transport } from "@natswire/io";
import { parseServers } from "@natswire/session";
import { check } from "./checks.ts";
import type { Environment, SuiteTls } from "./environment.ts";

/** What a transport reported. */
export type Report =
  | { readonly what: "open" | "ready" | "secure" }
  | { readonly what: "data"; readonly chunk: Uint8Array; readonly text: string }
  | { readonly what: "written"; readonly bytes: number }
  | { readonly what: "close"; readonly error: Error | undefined };

// Milliseconds. What was not reported within this time never will be.
const WAIT = 5000;
// Milliseconds in which a report would arrive that must not.
const QUIET = 30;
// Arguments of a call; engines have a limit.
const SPREAD = 8192;
const encoder = new TextEncoder();

/** A transport that was dialled, and everything that it has reported. */
export class Wire {
  readonly transport: Transport;
  readonly reports: Report[] = [];
  /** What the transport did that the rules forbid. */
  readonly faults: string[] = [];
  /** What was read, as text of one character for each byte. */
  received = "";
  /** The bytes that were passed to `write`. */
  sent = 0;
  /** The bytes that were reported as written. */
  written = 0;
  /** Called with each report. */
  onReport: (report: Report) => void = () => {};
  #calls = 0;
  #wake: () => void = () => {};

  constructor(on: Environment, url: string, tls?: SuiteTls) {
    const { endpoint: to } = parseServers([url])[0]!;
    const dial = on.dialWith(tls);
    this.transport = this.#call(() =>
      dial(to, {
        open: () => this.#report({ what: "open" }),
        data: (chunk) => this.#report({ what: "data", chunk, text: textOf(chunk) }),
        written: (bytes) => this.#report({ what: "written", bytes }),
        ready: () => this.#report({ what: "ready" }),
        secure: () => this.#report({ what: "secure" }),
        close: (error) => this.#report({ what: "close", error }),
      }),
    );
  }

  /** Dials a server, and sends CONNECT after INFO. */
  static async open(on: Environment, url: string): Promise<Wire> {
    const wire = new Wire(on, url);
    await wire.until("INFO", () => wire.received.includes("INFO "));
    wire.send('CONNECT {"verbose":false,"pedantic":false}\r\n');
    await wire.ping();
    return wire;
  }

  /** Returns how many reports of a kind there are. */
  count(what: Report["what"]): number {
    return this.reports.filter((report) => report.what === what).length;
  }

  /** Writes bytes, or a text. Returns what `write` returned. */
  send(what: string | Uint8Array, more = false): boolean {
    const bytes = typeof what === "string" ? encoder.encode(what) : what;
    this.sent += bytes.length;
    return this.#call(() => this.transport.write(bytes, more));
  }

  /** Sends PING and waits for PONG. */
  async ping(): Promise<void> {
    const pongs = this.received.split("PONG\r\n").length;
    this.send("PING\r\n");
    await this.until("PONG", () => this.received.split("PONG\r\n").length > pongs);
  }

  /** Calls a method of the transport. */
  call(method: "pause" | "resume" | "abort" | "startTls"): void {
    this.#call(() => this.transport[method]?.());
  }

  /** Calls `close` of the transport. */
  close(grace?: number): void {
    this.#call(() => this.transport.close(grace));
  }

  /** Waits for reports after which a condition holds. @throws Error if it does not hold within 5 seconds */
  async until(name: string, holds: () => boolean): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, WAIT);
    while (!holds() && !isLate) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
    const last = this.reports.at(-1);
    const end = last?.what === "close" ? `; the connection has ended: ${last.error?.message ?? "no error"}` : "";
    check(holds(), `${name} arrives within ${WAIT / 1000} seconds${end}`);
  }

  /** Waits for the end, and checks that the transport has kept every rule. Returns the error of the end. */
  async ended(): Promise<Error | undefined> {
    await this.until("the end of the connection (close)", () => this.count("close") > 0);
    await quiet();
    check(this.faults.length === 0, `the transport does not: ${this.faults.join(", ")}`);
    return this.reports.find((report) => report.what === "close")?.error;
  }

  #report(report: Report): void {
    const { what } = report;
    if (what !== "written" && this.#calls > 0) this.faults.push(`report ${what} during a call`);
    if (this.count("close") > 0) this.faults.push(`report ${what} after close`);
    if (what === "open" && this.count("open") > 0) this.faults.push("report open twice");
    if (what !== "open" && what !== "close" && this.count("open") === 0) this.faults.push(`report ${what} before open`);
    if (what === "data") this.received += report.text;
    if (what === "written") this.written += report.bytes;
    if (this.written > this.sent) this.faults.push("report more as written than was sent");
    this.reports.push(report);
    this.onReport(report);
    this.#wake();
  }

  #call<T>(method: () => T): T {
    this.#calls++;
    try {
      return method();
    } finally {
      this.#calls--;
    }
  }
}

/** Returns bytes as text of one character for each. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += SPREAD) text += String.fromCharCode(...bytes.subarray(at, at + SPREAD));
  return text;
}

/** Waits for reports that must not arrive. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET));
}
