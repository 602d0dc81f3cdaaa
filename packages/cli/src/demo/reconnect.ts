// SPDX-License-Identifier: Apache-2.0
import { type Connection, connect, type Server, serve } from "@natswire/node";
import { colours } from "../format/colours.ts";

/**
 * Shows a client that reconnects. The first of two servers stops answering but keeps its connection open; the client gets
 * no PONG, connects to the second server and subscribes again, and the next message arrives.
 *
 * @param pingInterval milliseconds between the client's PINGs
 * @returns whether all of it happened
 */
export async function runReconnect(pingInterval: number, print: (line: string) => void): Promise<boolean> {
  const [first, second] = [await serve({ record: true }), await serve({ record: true })];
  const client = await connect({ servers: [first.url, second.url], noRandomize: true, pingInterval });
  try {
    await runScenes(client, first, second, print);
    return true;
  } catch (error) {
    print(`          ${colours.red("✗")} ${(error as Error).message}`);
    return false;
  } finally {
    await client.close();
    await Promise.all([first.close(0), second.close()]);
  }
}

async function runScenes(
  client: Connection,
  first: Server,
  second: Server,
  print: (line: string) => void,
): Promise<void> {
  const status = client.status();
  const expectStatus = async (type: string): Promise<string> => {
    const { value } = await status.next();
    if (value?.type !== type) throw new Error(`expected the status ${type}, received ${value?.type}`);
    return "error" in value ? String(value.error) : "";
  };
  const printed = new Map([first, second].map((server) => [server, 0]));
  const scene = (title: string, outcome: string): void => {
    print(`\n${colours.bold(title)}`);
    for (const [server, from] of printed) {
      const lines = String(server.transcript)
        .split("\n")
        .filter((line) => line !== "");
      for (const line of lines.slice(from)) print(`  ${server === first ? "first " : "second"}  ${coloured(line)}`);
      printed.set(server, lines.length);
    }
    print(`          ${colours.green("✓")} ${outcome}`);
  };

  const messages = client.subscribe("foo.*")[Symbol.asyncIterator]();
  await client.flush();
  first.publish("foo.bar", "hello");
  const hello = (await messages.next()).value.text();
  if (hello !== "hello") throw new Error(`expected the message hello, received ${hello}`);
  scene("The client connects to the first server and receives a message", hello);

  first.connections[0]?.hold(() => true);
  const error = await expectStatus("disconnect");
  scene("The first server stops answering and keeps the connection open", error);

  await expectStatus("reconnecting");
  await expectStatus("reconnect");
  await second.transcript.expect({ op: "sub", subject: "foo.*" });
  scene("The client connects to the second server and subscribes again", "reconnected automatically");

  if (second.publish("foo.bar", "hello again") !== 1) throw new Error("the second server has no subscription");
  const again = (await messages.next()).value.text();
  if (again !== "hello again") throw new Error(`expected the message hello again, received ${again}`);
  scene("The client receives the next message", again);
}

function coloured(line: string): string {
  return /^\d+ </.test(line) ? colours.cyan(line) : colours.yellow(line);
}
