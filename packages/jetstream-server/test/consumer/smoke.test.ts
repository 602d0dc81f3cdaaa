import { expect, it } from "vitest";
import { JetStreamHarness } from "../jetstream-harness.ts";

it("works", () => {
  const js = new JetStreamHarness();
  js.create("S", { subjects: ["s.>"] });
  for (let i = 0; i < 5; i++) js.publish(`s.${i}`, `m${i}`);
  console.log(
    js.api("CONSUMER.CREATE.S.C", { stream_name: "S", config: { durable_name: "C", ack_policy: "explicit" } }),
  );
  js.subscribe("in");
  js.publish("$JS.API.CONSUMER.MSG.NEXT.S.C", '{"batch":3,"expires":1000000000}', [], "in");
  const got = js.received();
  console.log(got);
  js.publish(got[0]!.reply!, "");
  console.log(js.request(got[1]!.reply!, "+ACK"));
  js.advance(31000);
  js.publish("$JS.API.CONSUMER.MSG.NEXT.S.C", '{"batch":5,"no_wait":true}', [], "in");
  console.log(js.received());
  console.log(js.api("CONSUMER.INFO.S.C"));
});
