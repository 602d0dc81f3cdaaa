// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { type Bug, plant } from "../../testkit/plant-bug.ts";
import { differences } from "../jetstream/ours.ts";
import { scriptsFor } from "../jetstream/script.ts";
import { themes } from "../jetstream/scripts/index.ts";

const ENTRY = new URL("../src/jetstream-under-test.ts", import.meta.url);

/** Bugs, and the theme of the scripts that find each. */
const bugs: readonly (Bug & { readonly theme: string })[] = [
  {
    what: "a redelivery is not counted",
    theme: "acknowledge",
    file: "consumer/ack-pending.ts",
    right: "if (this.#deliveries[slot]!++ === 1) this.#redelivered++;",
    wrong: "if (this.#deliveries[slot]! === 1) this.#redelivered++;",
  },
  {
    what: "a message is delivered once more than is allowed",
    theme: "acknowledge",
    file: "consumer/acks.ts",
    right: "if (this.#maxDeliver === 0 || deliveries < this.#maxDeliver) return slot;",
    wrong: "if (this.#maxDeliver === 0 || deliveries <= this.#maxDeliver) return slot;",
  },
  {
    what: "an ack for all acknowledges one message",
    theme: "acknowledge",
    file: "consumer/acks.ts",
    right: "if (this.#acksAll) this.#acknowledgeAll(stream, consumer, each);",
    wrong: "if (this.#acksAll && stream < 0) this.#acknowledgeAll(stream, consumer, each);",
  },
  {
    what: "what is pending for a consumer does not go down",
    theme: "pull",
    file: "consumer/cursor.ts",
    right: "    this.#pending--;\n    this.#next = sequence + 1;",
    wrong: "    this.#next = sequence + 1;",
  },
  {
    what: "a pull request gets one message too few",
    theme: "pull",
    file: "consumer/pull-requests.ts",
    right: "request.bytes === 0 ? 0 : request.batch - 1;",
    wrong: "request.bytes === 0 ? 0 : request.batch - 2;",
  },
  {
    what: "a pull request expires too late",
    theme: "pull",
    file: "consumer/pull-requests.ts",
    right: "expires: expires === 0 ? undefined : now + expires / NANOS,",
    wrong: "expires: expires === 0 ? undefined : now + (3 * expires) / NANOS,",
  },
  {
    what: "an id is forgotten too early",
    theme: "publish",
    file: "stream/duplicates.ts",
    right: "this.#ids.set(id, { sequence, at: now });",
    wrong: "this.#ids.set(id, { sequence, at: now - this.window });",
  },
  {
    what: "an expected sequence is not compared",
    theme: "publish",
    file: "stream/publish-rules.ts",
    right: "if (sequence && readSequence(sequence) !== state.last) {",
    wrong: "if (sequence && readSequence(sequence) === undefined) {",
  },
  {
    what: "a stream keeps one message too many",
    theme: "limits",
    file: "stream/retention.ts",
    right: "const isOver = (maxCount > 0 && store.count > maxCount)",
    wrong: "const isOver = (maxCount > 0 && store.count > maxCount + 1)",
  },
  {
    what: "a subject keeps one message too many",
    theme: "limits",
    file: "stream/retention.ts",
    right: "sequences.length > perSubject) return sequences.first;",
    wrong: "sequences.length > perSubject + 1) return sequences.first;",
  },
  {
    what: "messages expire too late",
    theme: "limits",
    file: "stream/expiry.ts",
    right: "this.#maxAge = age;",
    wrong: "this.#maxAge = 9 * age;",
  },
  {
    what: "a purge keeps one message too few",
    theme: "messages",
    file: "stream/purge.ts",
    right: "store.last - keep + 1 : 0;",
    wrong: "store.last - keep + 2 : 0;",
  },
  {
    what: "a republished message loses its payload",
    theme: "copies",
    file: "stream/republish.ts",
    right: "this.#headersOnly = republish.headers_only ?? false;",
    wrong: "this.#headersOnly = true;",
  },
  {
    what: "a message that is delivered without its payload loses its headers",
    theme: "push",
    file: "consumer/headers-only.ts",
    right: "if (headers === undefined) return line;",
    wrong: "if (line.length > 0) return line;",
  },
];

describe("recordings of JetStream", () => {
  it.each(bugs.map((bug) => [bug.what, bug] as const))("find a planted bug: %s", async (_, bug) => {
    const folder = mkdtempSync(join(tmpdir(), "natswire-planted-"));
    try {
      const found = await plant(bug, ["jetstream-server", "codec", "server"], ENTRY, async (module) => {
        const outfile = join(folder, "jetstream.mjs");
        await build({ entryPoints: [module], outfile, bundle: true, format: "esm", platform: "node" });
        const { jetstream } = (await import(
          pathToFileURL(outfile).href
        )) as typeof import("@natswire/jetstream-server");
        const theme = themes.find(({ about }) => about === bug.theme)!;
        for (const title of Object.keys(scriptsFor(theme, "2.11"))) {
          if ((await differences(jetstream(), theme, title)).length > 0) return title;
        }
        return undefined;
      });
      expect(found).toBeDefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
