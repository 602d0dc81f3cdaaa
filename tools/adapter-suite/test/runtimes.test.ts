// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withMarked } from "../../repo/marked.ts";
import { type Certificates, makeCertificates } from "../../testkit/certificates.ts";
import { playersWith } from "../runtimes/adapters.ts";
import { openPage, type Page } from "../runtimes/chromium.ts";
import { type Grounds, openGrounds } from "../runtimes/environment.ts";
import type { Played } from "../runtimes/run-all.ts";
import { type Kind, kinds } from "../runtimes/servers.ts";
import { excuse, tableOf } from "../runtimes/table.ts";
import { suite } from "../suite.ts";

const PAGE = fileURLToPath(new URL("../../../docs/runtimes.md", import.meta.url));
const certificates: Certificates = makeCertificates();
const strangers: Certificates = makeCertificates();
const page: Page = await openPage(certificates.server.cert);
afterAll(async () => {
  await page.close();
  certificates.remove();
  strangers.remove();
});
const players = playersWith(page);
const results = new Map(players.map((player) => [player, new Map<Kind, ReadonlyMap<string, Played>>()]));

describe.each(kinds)("on %s", (kind) => {
  let grounds: Grounds;
  beforeAll(async () => {
    grounds = await openGrounds(kind, certificates, strangers);
  });
  afterAll(() => grounds.close());

  for (const player of players) {
    describe(`in ${player.title}`, () => {
      let played: ReadonlyMap<string, Played>;
      beforeAll(async () => {
        played = new Map((await player.play(grounds.told(player.door))).map((one) => [one.name, one]));
        results.get(player)!.set(kind, played);
      });

      it.each(Object.keys(suite))("%s", (title) => {
        const reason = excuse(player, kind, title);
        const { error } = played.get(title) ?? { error: "was not played" };
        if (reason === undefined) expect(error).toBeUndefined();
        else expect(error, `it can by now: ${reason}`).toBeDefined();
      });

      it("nothing else happens, a rejection nobody hears for instance", () => {
        expect([...played.keys()]).toEqual(Object.keys(suite));
      });
    });
  }
});

it("docs/runtimes.md has the table of these results", async () => {
  const rewrite = "it is rewritten by: pnpm exec vitest run --project adapter-suite runtimes --update";
  await expect(withMarked(PAGE, "suite", tableOf(results)), rewrite).toMatchFileSnapshot(PAGE);
});
