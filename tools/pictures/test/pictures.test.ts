// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { drawSvg } from "../svg.mjs";
import { readTerminal } from "../terminal.mjs";

const folder = fileURLToPath(new URL("../../../docs/pictures", import.meta.url));
const MOST_BYTES = 60 * 1024;

describe("a picture of a terminal", () => {
  it("has the colours and columns of each word", async () => {
    const svg = drawSvg(await readTerminal("a \x1b[36mb & c\x1b[39m\n\n\x1b[1;31m<d>\x1b[0m\n\n"), 80, "t");
    const texts = [...svg.matchAll(/<text x="(\S+)" y="(\S+)" textLength="\S+"(?: class="(.*)")?>(.*)<\/text>/g)];
    expect(texts.map(([, ...parts]) => parts)).toEqual([
      ["16", "29", undefined, "a"],
      ["31.6", "29", "c6", "b &amp; c"],
      ["16", "65", "b c1", "&lt;d&gt;"],
    ]);
  });

  it("has a light and a dark scheme", async () => {
    const svg = drawSvg(await readTerminal("a"), 80, "t");
    expect(svg).toMatch(/fill:#1f2328[\s\S]*@media\(prefers-color-scheme:dark\)\{[\s\S]*fill:#e6edf3/);
  });

  it("ends a line with … if it is too long", async () => {
    const svg = drawSvg(await readTerminal("123456\n12345"), 5, "t");
    expect([...svg.matchAll(/>(.*)<\/text>/g)].map(([, text]) => text)).toEqual(["1234…", "12345"]);
  });
});

describe("docs/pictures", () => {
  const pictures = readdirSync(folder);

  it("has the command's pictures", () => {
    expect(pictures).toEqual(["demo-reconnect.svg", "demo.svg", "tap.svg"]);
  });

  it.each(pictures)("is small and loads nothing from elsewhere: %s", (name) => {
    const svg = readFileSync(`${folder}/${name}`, "utf8");
    expect(svg.length).toBeLessThan(MOST_BYTES);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /https?:|url\(|@import|<image|href|script/,
    );
  });
});
