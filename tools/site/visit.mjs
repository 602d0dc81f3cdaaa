// @ts-check
// SPDX-License-Identifier: Apache-2.0
// Opens every page of site/ in Chromium, as wide as a laptop and as wide as a phone. Checks that each link leads to a
// page and a heading, that no page is wider than its window, and that none logs an error. Writes pictures of some pages
// to .reports/site/.
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { launchChromium } from "../testkit/chromium.mjs";

const SITE = "site";
const PICTURES = ".reports/site";
const WIDTHS = [1280, 390];
const TABS = 2;
const pictured = [
  "/",
  "/docs/",
  "/docs/getting-started",
  "/docs/client",
  "/docs/authentication",
  "/docs/errors",
  "/docs/reliability",
  "/api/",
  "/api/node/",
  "/api/node/interfaces/Connection",
  "/api/node/interfaces/ServeOptions",
];
/** What readers search for, and the guide that must be the first result. */
const searched = {
  reconnect: "reconnecting",
  "while disconnected": "reconnecting",
  "slow consumer": "client",
  drain: "client",
  subscribe: "client",
  publish: "client",
  "publish json": "client",
  "request timeout": "client",
  "queue group": "client",
  headers: "client",
  jetstream: "jetstream",
  "key value": "jetstream",
  "object store": "jetstream",
  services: "jetstream",
  tls: "authentication",
  "mutual tls": "authentication",
  creds: "authentication",
  NO_RESPONDERS: "errors",
  BAD_FIELD: "errors",
  kubernetes: "operations",
  metrics: "operations",
  opentelemetry: "operations",
  varz: "server",
  "health check": "operations",
  nextjs: "browser",
  "react native": "browser",
  "bundle size": "browser",
  "nats.js": "migrating",
  nestjs: "toolchains",
  changelog: "support",
};
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

const server = createServer(({ url = "" }, response) => {
  const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  // As GitHub Pages: /docs/client is docs/client.html.
  const file = [path, `${path}.html`, join(path, "index.html")]
    .map((name) => join(SITE, name))
    .find((name) => existsSync(name) && statSync(name).isFile());
  const type = types[/** @type {keyof typeof types} */ (extname(file ?? ""))] ?? "text/plain";
  response.writeHead(file === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
  response.end(file === undefined ? "" : readFileSync(file));
});
await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const origin = `http://127.0.0.1:${port}`;

mkdirSync(PICTURES, { recursive: true });
const browser = await launchChromium();
/** @type {Set<string>} */
const faults = new Set();
/** The links and the ids of each page. @type {Map<string, { links: string[], ids: Set<string> }>} */
const pages = new Map();
const left = [`${origin}/`];
let waiting = 0;
try {
  await Promise.all(Array.from({ length: TABS }, visitPages));
  await checkSearch();
} finally {
  await browser.close();
  server.close();
}
let count = 0;
for (const [url, { links }] of pages) {
  for (const link of new Set(links)) {
    if (!link.startsWith(origin)) continue;
    count++;
    const [page = "", name = ""] = link.split("#");
    if (name !== "" && !pages.get(page)?.ids.has(decodeURIComponent(name))) faults.add(`${url}: broken link ${link}`);
  }
}
for (const fault of faults) console.error(fault.replaceAll(origin, ""));
console.log(`${pages.size} pages, ${count} links, ${faults.size} problems; pictures in ${PICTURES}`);
process.exitCode = faults.size === 0 && pages.size > 100 ? 0 : 1;

/** Opens pages until none is left. */
async function visitPages() {
  const tab = await openTab();
  for (;;) {
    const url = left.pop();
    if (url === undefined) {
      // The other tab may still find links.
      if (waiting === 0) return;
      await new Promise((later) => setTimeout(later, 50));
      continue;
    }
    if (pages.has(url)) continue;
    const page = { links: /** @type {string[]} */ ([]), ids: new Set() };
    pages.set(url, page);
    waiting++;
    await tab.setViewportSize({ width: WIDTHS[0] ?? 0, height: 800 });
    await tab.goto(url, { waitUntil: "networkidle" });
    await tab.addStyleTag({ content: "* { transition: none !important; }" });
    for (const width of WIDTHS) {
      await tab.setViewportSize({ width, height: 800 });
      const wide = await tab.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) - innerWidth);
      if (wide > 0) faults.add(`${url}: ${wide} px wider than a window of ${width} px`);
      const cut = await tab.evaluate(cutParts);
      for (const part of cut) faults.add(`${url}: a window of ${width} px cuts ${part}`);
      const name = url.slice(origin.length);
      if (pictured.includes(name)) {
        const file = `${name.slice(1).replaceAll("/", "-") || "index"}-${width}.png`;
        await tab.screenshot({ path: join(PICTURES, file) });
      }
    }
    const { links, ids } = await tab.evaluate(() => ({
      links: [...document.querySelectorAll("a[href]")].map((a) => /** @type {HTMLAnchorElement} */ (a).href),
      ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
    }));
    page.links = links;
    page.ids = new Set(ids);
    for (const link of links) if (link.startsWith(origin)) left.push(link.replace(/#.*/, ""));
    waiting--;
  }
}

async function openTab() {
  const tab = await browser.newPage();
  // The check needs no network, so it does not load what comes from another host.
  await tab.route(
    (url) => url.origin !== origin,
    (route) => route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
  );
  tab.on("console", (message) => message.type() === "error" && faults.add(`${tab.url()}: ${message.text()}`));
  tab.on("pageerror", (error) => faults.add(`${tab.url()}: ${error}`));
  tab.on("response", (response) => response.ok() || faults.add(`${tab.url()}: ${response.status()} ${response.url()}`));
  return tab;
}

/** Returns the starts of what a reader must scroll sideways: code of a guide on a laptop, and records on a phone. */
function cutParts() {
  // The code of these two guides is wider.
  const isGuide = /^\/docs\/(?!codec|fuzzing)[\w-]+$/.test(location.pathname);
  const code = isGuide ? ".language-js pre, .language-ts pre" : ":not(*)";
  return [...document.querySelectorAll(innerWidth < 768 ? "table.records" : code)]
    .filter((part) => part.scrollWidth > part.clientWidth)
    .map((part) => JSON.stringify(part.textContent?.trim().slice(0, 40)));
}

/** Checks that the right guide is the first result of a search. */
async function checkSearch() {
  const tab = await openTab();
  for (const [words, guide] of Object.entries(searched)) {
    await tab.goto(`${origin}/`, { waitUntil: "networkidle" });
    // Otherwise the box opens with the results of the search before.
    await tab.evaluate(() => sessionStorage.clear());
    await tab.keyboard.press("Control+k");
    await tab.fill(".VPLocalSearchBox input", words);
    const first = await tab.locator(".VPLocalSearchBox .result").first().getAttribute("href");
    if (!first?.startsWith(`/docs/${guide}`))
      faults.add(`/: the first result for "${words}" is not ${guide}: ${first}`);
  }
}
