// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { serve } from "@natswire/node";

const { values } = parseArgs({
  options: { port: { type: "string", default: "4222" }, host: { type: "string", default: "127.0.0.1" } },
});

try {
  const server = await serve({ host: values.host, port: Number(values.port) });
  const stop = async (): Promise<void> => {
    const { connections, received, delivered } = server.stats;
    console.log(`\nclosing ${connections} connections; ${received} messages in, ${delivered} out`);
    await server.close();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  console.log(`${server.url} is listening; try: telnet ${values.host} ${server.port}`);
  console.log("ctrl+c drains and exits");
} catch (error) {
  console.error(`cannot listen on ${values.host}:${values.port}: ${(error as Error).message}`);
  process.exitCode = 1;
}
