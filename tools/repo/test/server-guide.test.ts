// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { serverOptions } from "../../../packages/io/src/server/server-options.ts";
import { listenWith } from "../../../packages/node/src/websocket.ts";
import { defaults } from "../../../packages/server/src/config.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/server.md"), "utf8");
const [, options] = /^## Options\n([\s\S]*?)^## /m.exec(page)!;
const [, webSocket] = /^## WebSocket\n([\s\S]*?)^## /m.exec(page)!;
/** Each option of the tables, and its default. */
const rows = [...options!.matchAll(/^\| (`[^|]*`) \| *([^|]*?) *\|/gm)].flatMap(([, names, value]) =>
  names!.split(", ").map((name) => [name.replaceAll("`", ""), value!.replaceAll(/[`,]/g, "")] as const),
);

describe("docs/server.md", () => {
  it("has a row for each option of serve, and no other", () => {
    expect(rows.map(([name]) => name).sort()).toEqual([...serverOptions, "tls"].sort());
  });

  it("has a row for each option of a WebSocket listener, and no other", () => {
    const names = [...webSocket!.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!);
    const error = `the options are ${names.sort().join(", ")}`;
    expect(() => listenWith({ notAnOption: 1 } as object)).toThrow(error);
  });

  it("states the defaults", () => {
    const stated = Object.fromEntries(rows);
    // The core announces port 4222 by default; `serve` takes a free one. Without `authorize` nothing is required.
    const { authRequired: _, authOptional: __, ...own } = { ...defaults, port: 0 };
    for (const [name, value] of Object.entries(own))
      expect({ [name]: stated[name] }).toEqual({ [name]: String(value ?? "") });
  });
});
