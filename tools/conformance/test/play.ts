import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Who says what, one after the other; a connection opens when it is first named. */
export type Script = readonly (readonly [who: string, says: string])[];

/** What each connection heard, and whether it was closed. */
export type Transcript = Record<string, { heard: string; closed: boolean }>;

// How long a server may take for what it does at once.
const PATIENCE = 5000;

/**
 * Plays a script on a port and waits, after each step, until every connection has heard what the step caused: a
 * client that pinged waits for its PONG, and the others, once they are connected, are made to ping too.
 *
 * INFO and the server's own PING differ between two servers and are left out.
 */
export async function play(script: Script, port: number): Promise<Transcript> {
  const clients = new Map<string, Client>();
  for (const [who, says] of script) {
    let client = clients.get(who);
    if (client === undefined) {
      client = new Client(port);
      clients.set(who, client);
      await client.until(() => client!.greeted);
    }
    client.say(says);
    await client.settled();
    for (const other of clients.values()) {
      if (other === client || !other.connected || other.closed) continue;
      other.say("PING\r\n");
      await other.settled();
      // The PONG that was only asked for here.
      other.heard = other.heard.replace(/PONG\r\n$/, "");
    }
  }
  const transcript = Object.fromEntries([...clients].map(([who, { heard, closed }]) => [who, { heard, closed }]));
  for (const client of clients.values()) client.socket.destroy();
  return transcript;
}

class Client {
  heard = "";
  greeted = false;
  connected = false;
  closed = false;
  readonly socket: Socket;
  #pings = 0;
  #pongs = 0;
  #rest = "";
  #look: () => void = () => {};

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (data) => this.#hear(data.toString("latin1")));
    void once(this.socket, "close").then(() => {
      this.closed = true;
      this.#look();
    });
  }

  say(text: string): void {
    this.#pings += text.match(/^PING\r?$/gim)?.length ?? 0;
    this.connected ||= /^CONNECT /im.test(text);
    this.socket.write(text, "latin1");
  }

  /** Until every PING has its PONG; where there was none, until nothing more comes for a moment. */
  async settled(): Promise<void> {
    if (this.#pings > this.#pongs) return this.until(() => this.#pongs >= this.#pings || this.closed);
    const before = this.heard.length;
    await sleep(100);
    if (this.heard.length > before) await this.settled();
  }

  async until(is: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE);
    while (!is()) {
      if (late.aborted) throw new Error(`nothing came for ${PATIENCE} ms behind ${JSON.stringify(this.heard)}`);
      await Promise.race([sleep(PATIENCE / 50), new Promise<void>((resolve) => (this.#look = resolve))]);
    }
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split(/(?<=\n)/);
    this.#rest = lines.at(-1)!.endsWith("\n") ? "" : lines.pop()!;
    for (const line of lines) {
      if (line.startsWith("INFO ")) this.greeted = true;
      else if (line !== "PING\r\n") {
        if (line === "PONG\r\n") this.#pongs++;
        this.heard += line;
      }
    }
    this.#look();
  }
}
