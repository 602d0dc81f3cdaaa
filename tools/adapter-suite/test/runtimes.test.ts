// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withMarked } from "../../repo/marked.ts";
import { type Certificates, makeCertificates } from "../../testkit/certificates.ts";
import { type ServerKind, serverKinds } from "../../testkit/servers.ts";
import { adaptersWith } from "../runtimes/adapters.ts";
import { openPage, type Page } from "../runtimes/chromium.ts";
import { type OpenEnvironment, openEnvironment } from "../runtimes/environment.ts";
import type { CaseResult } from "../runtimes/run-all.ts";
import { limitationOf, tableOf } from "../runtimes/table.ts";
import { suite } from "../suite.ts";

const PAGE = fileURLToPath(new URL("../../../docs/runtimes.md", import.meta.url));
const certificates: Certificates = makeCertificates();
const untrusted: Certificates = makeCertificates();
const page: Page = await openPage(certificates.server.cert);
afterAll(async () => {
  await page.close();
  certificates.remove();
  untrusted.remove();
});
const adapters = adaptersWith(page);
const results = new Map(adapters.map((adapter) => [adapter, new Map<ServerKind, ReadonlyMap<string, CaseResult>>()]));

describe.each(serverKinds)("the adapter suite on %s", (kind) => {
  let environment: OpenEnvironment;
  beforeAll(async () => {
    environment = await openEnvironment(kind, certificates, untrusted);
  });
  afterAll(() => environment.close());

  for (const adapter of adapters) {
    describe(`in ${adapter.title}`, () => {
      let byTitle: ReadonlyMap<string, CaseResult>;
      beforeAll(async () => {
        const all = await adapter.run(environment.over(adapter.transport));
        byTitle = new Map(all.map((result) => [result.title, result]));
        results.get(adapter)!.set(kind, byTitle);
      });

      it.each(Object.keys(suite))("%s", (title) => {
        const limitation = limitationOf(adapter, kind, title);
        const { error } = byTitle.get(title) ?? { error: "was not run" };
        if (limitation === undefined) expect(error).toBeUndefined();
        else expect(error, `this passes now, so remove the limitation: ${limitation}`).toBeDefined();
      });

      it("reports nothing else, such as an unhandled rejection", () => {
        expect([...byTitle.keys()]).toEqual(Object.keys(suite));
      });
    });
  }
});

it("docs/runtimes.md has the table of these results", async () => {
  const rewrite = "it is rewritten by: pnpm exec vitest run --project adapter-suite runtimes --update";
  await expect(withMarked(PAGE, "suite", tableOf(results)), rewrite).toMatchFileSnapshot(PAGE);
});
