// SPDX-License-Identifier: Apache-2.0
import { jetstream } from "@natswire/jetstream-server";
import { describe, expect, it } from "vitest";
import { type Accepted, accepted } from "../jetstream/accepted.ts";
import { differences } from "../jetstream/ours.ts";
import { scriptsFor } from "../jetstream/script.ts";
import { themes } from "../jetstream/scripts/index.ts";

const occurred = new Set<Accepted>();

describe.each(themes.map((theme) => [theme.about, theme] as const))(
  "JetStream beside its recordings: %s",
  (_, theme) => {
    it.each(Object.keys(scriptsFor(theme, "2.11")))("%s", async (title) => {
      expect(await differences(jetstream(), theme, title, occurred)).toEqual([]);
    });
  },
);

it("lists no difference in jetstream/accepted.ts that does not occur", () => {
  expect(accepted.filter((one) => !occurred.has(one)).map(({ name }) => name)).toEqual([]);
});
