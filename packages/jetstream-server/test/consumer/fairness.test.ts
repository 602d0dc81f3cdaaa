// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ModuleDriver, type Published } from "./module-driver.ts";

/** JetStream with a stream of messages in `s.a`. */
function stored(count: number): ModuleDriver {
  const driver = new ModuleDriver();
  driver.api("STREAM.CREATE.S", { name: "S", subjects: ["s.a"], storage: "memory" });
  for (let i = 1; i <= count; i++) driver.publish("s.a", `${i}`);
  return driver;
}

function create(driver: ModuleDriver, name: string, config: object = {}): Published[] {
  const request = { stream_name: "S", config: { durable_name: name, ack_policy: "explicit", ...config } };
  return driver.publish(`$JS.API.CONSUMER.CREATE.S.${name}`, request, "answer");
}

const pull = (driver: ModuleDriver, name: string, to: string, batch = 100): Published[] =>
  driver.publish(`$JS.API.CONSUMER.MSG.NEXT.S.${name}`, `${batch}`, to);

const counted = (published: readonly Published[], to: string): number =>
  published.filter((one) => one.to === to && one.reply !== "").length;

describe("a receiver that lags", () => {
  it("holds back a push consumer until it has caught up", () => {
    const driver = stored(3);
    driver.lagging.add("out");
    expect(counted(create(driver, "C", { deliver_subject: "out" }), "out")).toBe(0);
    expect(counted(driver.publish("s.a"), "out")).toBe(0);
    expect(counted(driver.resume(), "out")).toBe(4);
  });

  it("holds back its pull, and no other pull of the consumer", () => {
    const driver = stored(3);
    create(driver, "C");
    driver.lagging.add("slow");
    expect(pull(driver, "C", "slow")).toEqual([]);
    expect(counted(pull(driver, "C", "fast", 2), "fast")).toBe(2);
    expect(counted(driver.resume(), "slow")).toBe(1);
  });

  it("does not hold back other consumers", () => {
    const driver = stored(3);
    create(driver, "C");
    create(driver, "D");
    driver.lagging.add("slow");
    pull(driver, "C", "slow");
    expect(counted(pull(driver, "D", "fast"), "fast")).toBe(3);
  });
});

describe("consumers with many messages", () => {
  it("take turns", () => {
    const driver = stored(200);
    for (const name of ["C", "D"])
      create(driver, name, { deliver_subject: `to.${name}`, pause_until: "2000-01-01T00:00:00Z" });
    for (const name of ["C", "D"]) driver.api(`CONSUMER.PAUSE.S.${name}`, { pause_until: "1970-01-01T00:00:01Z" });
    for (let i = 0; i < 200; i++) driver.publish("s.a", "more");
    const order = driver
      .advance(1000)
      .filter(({ reply }) => reply !== "")
      .map(({ to }) => to);
    const changes = order.filter((to, i) => i > 0 && to !== order[i - 1]).length;
    expect(order).toHaveLength(800);
    expect(changes).toBeGreaterThan(20);
  });

  it("keep what is acknowledged out of order in little memory", () => {
    const driver = stored(5000);
    create(driver, "C", { max_ack_pending: 10_000 });
    const [first, ...others] = pull(driver, "C", "in", 5000);
    for (const { reply } of others.slice(0, 4000).reverse()) driver.publish(reply);
    expect(driver.api("CONSUMER.INFO.S.C")).toMatchObject({ num_ack_pending: 1000, ack_floor: { stream_seq: 0 } });
    driver.publish(first!.reply);
    expect(driver.api("CONSUMER.INFO.S.C").ack_floor).toMatchObject({ consumer_seq: 4001, stream_seq: 4001 });
    expect(counted([...driver.advance(30_000), ...pull(driver, "C", "in", 5000)], "in")).toBe(999);
  });
});
