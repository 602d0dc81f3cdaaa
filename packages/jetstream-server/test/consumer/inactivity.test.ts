// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConsumerHarness } from "./consumer-harness.ts";

describe("the threshold of a consumer", () => {
  it("depends on how the consumer was created, not on an update", () => {
    const js = new ConsumerHarness();
    const put = (config: object): unknown =>
      js.api("CONSUMER.CREATE.S.C", { stream_name: "S", config }).config.inactive_threshold;
    expect([put({ durable_name: "C", inactive_threshold: -1 }), put({ name: "C" })]).toEqual([-1, undefined]);
    js.after(60_000);
    expect(js.info().name).toBe("C");
    js.api("CONSUMER.DELETE.S.C");
    expect([put({ name: "C", inactive_threshold: -1 }), put({ durable_name: "C" })]).toEqual([5e9, 5e9]);
  });
});
