// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { Program } from "../../testkit/program.ts";
import type { MutantResult } from "../mutants/main.ts";
import { mutants } from "../mutants/mutants.ts";
import { type OpenEnvironment, openEnvironment } from "../runtimes/environment.ts";

const PROGRAM = fileURLToPath(new URL("../dist/mutants.js", import.meta.url));
const [certificates, untrusted] = [makeCertificates(), makeCertificates()];
let environment: OpenEnvironment;
const results: MutantResult[] = [];

beforeAll(async () => {
  environment = await openEnvironment("the embedded server", certificates, untrusted);
  const program = new Program("node", [PROGRAM, JSON.stringify(environment.over("tcp"))]);
  for await (const result of program) results.push(result as MutantResult);
});
afterAll(async () => {
  await environment.close();
  certificates.remove();
  untrusted.remove();
});

describe("the adapter suite finds an adapter that", () => {
  it.each(Object.entries(mutants))("%s", (mutant, { foundBy }) => {
    const result = results.find((one) => one.mutant === mutant && one.title === foundBy);
    expect(result, `${foundBy} was played`).toBeDefined();
    expect(result?.error, `${foundBy} finds nothing wrong`).toBeDefined();
  });
});

it.each(["transports", "reliability"])("docs/%s.md has the number of mutants", (page) => {
  const text = readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), "utf8");
  expect(text).toMatch(new RegExp(`\\b${Object.keys(mutants).length} (faulty )?adapters\\b`));
});
