// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, launchChromium } from "../../testkit/chromium.mjs";
import type { RemoteEnvironment } from "./environment.ts";
import type { CaseResult } from "./run-all.ts";

/** A browser that runs the suite, each time in a new page. */
export interface Page {
  run(remote: RemoteEnvironment): Promise<CaseResult[]>;
  close(): Promise<void>;
}

/**
 * Opens the page that runs the suite in Chromium.
 *
 * @param trusted a server certificate that the browser accepts as if it knew the authority
 * @throws Error if Chromium is missing, with the command that installs it
 */
export async function openPage(trusted: string): Promise<Page> {
  const key = new X509Certificate(trusted).publicKey.export({ type: "spki", format: "der" });
  const known = createHash("sha256").update(key).digest("base64");
  const browser = await launchChromium(`--ignore-certificate-errors-spki-list=${known}`);
  const script = await bundle();
  // A page needs an origin: about:blank may not open connections.
  const http = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  return {
    run: (remote) => runIn(browser, `http://127.0.0.1:${(http.address() as AddressInfo).port}`, script, remote),
    async close() {
      await browser.close();
      http.close();
    },
  };
}

async function runIn(browser: Browser, url: string, script: string, remote: RemoteEnvironment): Promise<CaseResult[]> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.addScriptTag({ content: script });
  const results = await page.evaluate(
    (argument) => (globalThis as unknown as { suite: typeof import("./page.ts") }).suite.run(argument),
    remote,
  );
  await page.close();
  return results;
}

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
  const built = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife", globalName: "suite" });
  return built.outputFiles[0]!.text;
}
