// SPDX-License-Identifier: Apache-2.0
import { expect } from "vitest";
import { it } from "./own-server.ts";

it("publishes the price with its currency", async ({ server, client }) => {
  const prices = server.subscribe("prices.*");
  client.publish("prices.apple", "12", { headers: { currency: "EUR" } });

  const price = await prices.next();
  expect(price.toJSON()).toEqual({
    subject: "prices.apple",
    headers: { currency: "EUR" },
    text: "12",
  });
  expect(price.json()).toBe(12); // or a single part: text(), json(), payload
  expect(price.headers?.get("currency")).toBe("EUR");
});

it("cannot be compared as it is", async ({ server, client }) => {
  const prices = server.subscribe("prices.*");
  client.publish("prices.apple", "12", { headers: { currency: "EUR" } });

  const price = await prices.next();
  const headers = { currency: "EUR" };
  for (const expected of [
    { subject: "prices.apple", headers, text: "12" },
    { headers },
  ])
    expect(price).not.toMatchObject(expected);
});
