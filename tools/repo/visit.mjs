// @ts-check
// Opens every page of site/ in Chromium. Checks that each link leads to an existing page and heading, and that no page
// logs an error.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { launchChromium } from "../testkit/chromium.mjs";

const SITE = "site";
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

const server = createServer(({ url = "" }, response) => {
  const { pathname } = new URL(url, "http://localhost");
  const file = join(SITE, pathname === "/" ? "index.html" : decodeURIComponent(pathname));
  const isThere = existsSync(file) && statSync(file).isFile();
  const type = types[/** @type {keyof typeof types} */ (extname(file))] ?? "text/plain";
  response.writeHead(isThere ? 200 : 404, { "content-type": `${type}; charset=utf-8` });
  response.end(isThere ? readFileSync(file) : "");
});
await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const origin = `http://127.0.0.1:${port}`;

const browser = await launchChromium();
/** @type {Set<string>} */
const faults = new Set();
/** The links and the ids of each page. @type {Map<string, { links: string[], ids: Set<string> }>} */
const pages = new Map();
try {
  const tab = await browser.newPage();
  // Badges come from another host. The check needs no network, so it does not load them.
  await tab.route(
    (url) => url.origin !== origin,
    (route) => route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
  );
  tab.on("console", (message) => message.type() === "error" && faults.add(`${tab.url()}: ${message.text()}`));
  tab.on("pageerror", (error) => faults.add(`${tab.url()}: ${error}`));
  tab.on("response", (response) => response.ok() || faults.add(`${tab.url()}: ${response.status()} ${response.url()}`));
  const left = [`${origin}/`];
  for (let url = left.pop(); url !== undefined; url = left.pop()) {
    if (pages.has(url)) continue;
    if (!/(\/|\.html)$/.test(url)) {
      // Not a page, so a request is enough: the browser would also request an icon.
      const { ok, status } = await fetch(url);
      if (!ok) faults.add(`${url}: ${status}`);
      pages.set(url, { links: [], ids: new Set() });
      continue;
    }
    await tab.goto(url, { waitUntil: "load" });
    await tab.waitForFunction(() => document.querySelector("#tsd-nav-container, body")?.children.length !== 0);
    const { links, ids } = await tab.evaluate(() => ({
      links: [...document.querySelectorAll("a[href]")].map((a) => /** @type {HTMLAnchorElement} */ (a).href),
      ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
    }));
    pages.set(url, { links, ids: new Set(ids) });
    for (const link of links) if (link.startsWith(origin)) left.push(link.replace(/#.*/, ""));
  }
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
console.log(`${pages.size} pages, ${count} links, ${faults.size} problems`);
process.exitCode = faults.size === 0 && pages.size > 100 ? 0 : 1;
