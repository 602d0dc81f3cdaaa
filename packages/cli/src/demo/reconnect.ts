// SPDX-License-Identifier: Apache-2.0
import { type Connection, connect, type Server, serve } from "@natswire/node";
import { colours } from "../colours.ts";

/**
 * Two servers, of which the first falls silent and keeps its connections: the client that hears no PONG goes to the
 * second, subscribes again, and the next message arrives.
 *
 * @param pingInterval milliseconds between the client's PINGs
 * @returns whether all of it happened
 */
export async function reconnect(pingInterval: number, print: (line: string) => void): Promise<boolean> {
  const [first, second] = [await serve({ record: true }), await serve({ record: true })];
  const client = await connect({ servers: [first.url, second.url], noRandomize: true, pingInterval });
  try {
    await play(client, first, second, print);
    return true;
  } catch (error) {
    print(`          ${colours.red("✗")} ${(error as Error).message}`);
    return false;
  } finally {
    await client.close();
    await Promise.all([first.close(0), second.close()]);
  }
}

async function play(client: Connection, first: Server, second: Server, print: (line: string) => void): Promise<void> {
  const status = client.status();
  const told = async (type: string): Promise<string> => {
    const { value } = await status.next();
    if (value?.type !== type) throw new Error(`the client told of ${value?.type} and not of ${type}`);
    return "error" in value ? String(value.error) : "";
  };
  const said = new Map([first, second].map((server) => [server, 0]));
  const scene = (title: string, held: string): void => {
    print(`\n${colours.bold(title)}`);
    for (const [server, from] of said) {
      const lines = String(server.transcript)
        .split("\n")
        .filter((line) => line !== "");
      for (const line of lines.slice(from)) print(`  ${server === first ? "first " : "second"}  ${coloured(line)}`);
      said.set(server, lines.length);
    }
    print(`          ${colours.green("✓")} ${held}`);
  };

  const messages = client.subscribe("foo.*")[Symbol.asyncIterator]();
  await client.flush();
  first.publish("foo.bar", "hello");
  const hello = (await messages.next()).value.text();
  if (hello !== "hello") throw new Error(`the first message was ${hello}`);
  scene("The client connects to the first of two servers, and hears a message", "hello");

  first.connections[0]?.hold(() => true);
  const error = await told("disconnect");
  scene("The first server falls silent, and keeps its connection open", error);

  await told("reconnecting");
  await told("reconnect");
  await second.transcript.expect({ op: "sub", subject: "foo.*" });
  scene("The client goes to the second server, and subscribes again", "reconnected, and nobody had to ask for it");

  if (second.publish("foo.bar", "hello again") !== 1) throw new Error("the second server knows no subscription");
  const again = (await messages.next()).value.text();
  if (again !== "hello again") throw new Error(`the next message was ${again}`);
  scene("The next message arrives", again);
}

function coloured(line: string): string {
  return / < /.test(line) ? colours.cyan(line) : colours.yellow(line);
}
