// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";
const publisher = await connect({ servers });

/** @param {import("@natswire/node").SubscriptionOptions["overflow"]} overflow */
async function read(overflow) {
  const client = await connect({ servers });
  try {
    client.onStatus((status) => {
      if (status.type === "slowConsumer")
        console.log(`${overflow}: ${status.dropped} dropped so far`);
    });
    const ticks = client.subscribe("ticks", { max: 5, maxMessages: 2, overflow });
    await ticks.ready();
    for (const tick of ["1", "2", "3", "4", "5"]) publisher.publish("ticks", tick);
    await publisher.flush();
    // After the flush, all messages are here and unread. With `pause`, the flush would wait for the loop.
    if (overflow !== "pause") await client.flush();

    const seen = [];
    for await (const tick of ticks) seen.push(tick.text());
    console.log(
      `${overflow}: ${seen.join(" ")}; ${ticks.dropped} dropped, ${await ticks.closed}`,
    );
  } finally {
    await client.close();
  }
}

try {
  await read("drop-newest");
  await read("drop-oldest");
  await read("pause");
  await read("close");
} finally {
  await publisher.close();
}
