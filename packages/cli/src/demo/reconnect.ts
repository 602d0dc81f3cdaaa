// SPDX-License-Identifier: Apache-2.0
import { serveWith } from "@natswire/io";
import { type Connection, connect, listen, type Server } from "@natswire/node";
import { traceTo } from "../tap/trace.ts";
import { announced, type DemoReporter, type Outcome } from "./reporter.ts";

/**
 * Shows a client that reconnects. The first of two servers stops answering but keeps its connection open; the client gets
 * no PONG, connects to the second server and subscribes again, and the next message arrives.
 *
 * @param pingInterval milliseconds between the client's PINGs
 */
export async function runReconnect(pingInterval: number, reporter: DemoReporter): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const report = (text: string, outcome: Outcome, instead?: string): void => {
    outcomes.push(outcome);
    reporter.outcome(text, outcome, instead);
  };
  let isOver = false;
  const trace = traceTo({
    frame: (frame) => isOver || reporter.frame(frame),
    event: (event) => isOver || reporter.event(event),
  });
  const first = await serveWith(trace(listen), { record: true });
  const second = await serveWith(trace(listen), { record: true });
  reporter.scene("The client connects to the first server and receives a message");
  reporter.code("const servers = [first.url, second.url];");
  reporter.code(`const nats = await connect({ servers, pingInterval: ${pingInterval}, … });`);
  const nats = await connect({ servers: [first.url, second.url], noRandomize: true, pingInterval });
  try {
    await playScenes(nats, first, second, reporter, (text) => report(text, "held"));
  } catch (error) {
    report("the client to reconnect", "failed", (error as Error).message);
  } finally {
    isOver = true;
    await nats.close();
    await Promise.all([first.close(0), second.close()]);
  }
  return outcomes;
}

async function playScenes(
  nats: Connection,
  first: Server,
  second: Server,
  reporter: DemoReporter,
  held: (text: string) => void,
): Promise<void> {
  const status = nats.status();
  const expectStatus = async (type: string, cause: string): Promise<string> => {
    const { value } = await announced(reporter, cause, status.next());
    if (value?.type !== type) throw new Error(`the status ${value?.type} instead of ${type}`);
    return "error" in value ? String(value.error) : type;
  };
  const expectMessage = async (expected: string): Promise<void> => {
    const message = await announced(reporter, "the message", messages.next());
    const text = message.text();
    if (text !== expected) throw new Error(`the message ${text} instead of ${expected}`);
    held(`message.text() is "${text}"`);
  };

  reporter.code('const messages = nats.subscribe("foo.*");');
  const messages = nats.subscribe("foo.*");
  await nats.flush();
  reporter.code('first.publish("foo.bar", "hello");');
  first.publish("foo.bar", "hello");
  await expectMessage("hello");

  reporter.scene("The first server stops answering and keeps the connection open");
  reporter.code("first.connections[0].hold(() => true);");
  first.connections[0]?.hold(() => true);
  held(await expectStatus("disconnect", "two PINGs without a PONG"));

  reporter.scene("The client connects to the second server and subscribes again");
  reporter.code("// no call: the client reconnects by itself");
  await expectStatus("reconnecting", "the client to reconnect");
  await expectStatus("connecting", "the client to reconnect");
  await expectStatus("reconnect", "the client to reconnect");
  await second.transcript.expect({ op: "sub", subject: "foo.*" });
  held("reconnected and subscribed");

  reporter.scene("The client receives the next message");
  reporter.code('second.publish("foo.bar", "hello again");');
  second.publish("foo.bar", "hello again");
  await expectMessage("hello again");
}
