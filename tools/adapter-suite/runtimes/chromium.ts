// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "../../testkit/chromium.ts";
import type { Told } from "./environment.ts";
import type { Played } from "./run-all.ts";

/** A browser that plays the suite in a page of its own. */
export interface Page {
  play(told: Told): Promise<Played[]>;
  close(): Promise<void>;
}

/**
 * Starts Chromium: the one CHROMIUM names, else Debian's.
 *
 * @param trusted a server's certificate it takes as one it knows; others it refuses as it would anywhere
 * @throws where there is none, with the command that installs it
 */
export async function openPage(trusted: string): Promise<Page> {
  const key = new X509Certificate(trusted).publicKey.export({ type: "spki", format: "der" });
  const known = createHash("sha256").update(key).digest("base64");
  const args = ["--no-sandbox", `--ignore-certificate-errors-spki-list=${known}`];
  const browser = await chromium.launch({ executablePath: chromiumPath(), args });
  const script = await bundle();
  // From an origin of its own: what a page may do depends on where it is from.
  const http = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  return {
    play: (told) => playIn(browser, `http://127.0.0.1:${(http.address() as AddressInfo).port}`, script, told),
    async close() {
      await browser.close();
      http.close();
    },
  };
}

async function playIn(browser: Browser, url: string, script: string, told: Told): Promise<Played[]> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.addScriptTag({ content: script });
  const played = await page.evaluate(
    (what) => (globalThis as unknown as { suite: typeof import("./page.ts") }).suite.play(what),
    told,
  );
  await page.close();
  return played;
}

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("./page.ts", import.meta.url));
  const built = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife", globalName: "suite" });
  return built.outputFiles[0]!.text;
}
