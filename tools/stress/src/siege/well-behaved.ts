// SPDX-License-Identifier: Apache-2.0
// Clients that follow the protocol and check what they receive: each subscriber receives each message once, in order and
// unchanged; one member of a queue group does; and each request gets its reply. `npm run serve` has no permissions, so only
// their names protect these subjects: the fuzzer never generates the word `steady`, and attackers never repeat what they
// receive.
import { connect, type Socket } from "node:net";
import { type ClientFrame, Decoder, Encoder, type Msg, type ServerFrame, serverFrames } from "@natswire/codec";

const BATCH = 50;
const NOTHING = new Uint8Array(0);
const sizes = [0, 1, 16, 128, 1000, 5000, 9000, 20_000];

/** What the clients published and received. */
export interface Counts {
  published: number;
  delivered: number;
  requests: number;
}

/** All well-behaved clients. */
export class WellBehavedClients {
  readonly counts: Counts = { published: 0, delivered: 0, requests: 0 };
  readonly #clients: Client[] = [];
  #stopped = false;

  /** Publishes until it is stopped. Rejects at the first message that is lost, duplicated, late, or changed. */
  async run(port: number): Promise<void> {
    const open = async (name: string): Promise<Client> => {
      const client = await Client.open(port, name);
      this.#clients.push(client);
      return client;
    };
    const failed = new Promise<never>((_, reject) => {
      Client.onFailure = reject;
    });
    const exchanges = Promise.all([this.#publish(0, open), this.#publish(1, open), this.#request(open)]);
    await Promise.race([exchanges, failed]);
    for (const client of this.#clients) client.close();
  }

  /** Stops after the batches in progress. */
  stop(): void {
    this.#stopped = true;
  }

  async #publish(number: number, open: (name: string) => Promise<Client>): Promise<void> {
    const subject = `steady.${number}.news`;
    const readers = [
      await Reader.open(await open("wildcard"), `steady.${number}.*`, undefined),
      await Reader.open(await open("full wildcard"), `steady.${number}.>`, undefined),
      await Reader.open(await open("literal"), subject, undefined),
    ];
    const workers = [
      await Reader.open(await open("worker"), subject, "steady-workers"),
      await Reader.open(await open("other worker"), `steady.${number}.*`, "steady-workers"),
    ];
    const publisher = await open("publisher");
    for (let first = 0; !this.#stopped; first += BATCH) {
      for (let i = first; i < first + BATCH; i++) publisher.send(message(subject, i));
      await publisher.flush();
      await Promise.all([...readers, ...workers].map((one) => one.client.flush()));
      for (const { received, client } of readers) {
        if (received.length !== BATCH)
          throw new Error(`${client.name} received ${received.length} of ${BATCH} messages from ${first} on`);
        for (const [i, one] of received.entries()) checkSame(one, message(subject, first + i), client.name);
      }
      const shared = workers.flatMap(({ received }) => received).sort((a, b) => numberOf(a) - numberOf(b));
      if (shared.length !== BATCH)
        throw new Error(`the queue group received ${shared.length} of ${BATCH} messages from ${first} on`);
      for (const [i, one] of shared.entries()) checkSame(one, message(subject, first + i), "the queue group");
      for (const { received, client } of workers) {
        const numbers = received.map(numberOf);
        if (numbers.some((n, i) => i > 0 && n < numbers[i - 1]!)) throw new Error(`${client.name} received ${numbers}`);
      }
      this.counts.published += BATCH;
      this.counts.delivered += (readers.length + 1) * BATCH;
      for (const one of [...readers, ...workers]) one.received.length = 0;
    }
  }

  async #request(open: (name: string) => Promise<Client>): Promise<void> {
    const [responder, requester] = [await open("responder"), await open("requester")];
    responder.onMessage = (one) => responder.send(message(one.reply!, numberOf(one)));
    responder.send({ op: "sub", subject: "steady.service", queue: undefined, sid: "1" });
    await responder.flush();
    const answers = new Map<string, Msg>();
    requester.onMessage = (one) => answers.set(one.subject, { ...one, payload: one.payload.slice() });
    requester.send({ op: "sub", subject: "_INBOX.steady.*", queue: undefined, sid: "1" });
    for (let i = 0; !this.#stopped; i++) {
      const inbox = `_INBOX.steady.${i}`;
      const request = message("steady.service", i);
      requester.send({ ...request, reply: inbox });
      // The request, the reply and the way back, each followed by a PING as a barrier.
      for (const one of [requester, responder, responder, requester]) await one.flush();
      const answer = answers.get(inbox);
      if (answers.size !== 1 || answer === undefined) throw new Error(`${[...answers.keys()]} answer request ${i}`);
      checkSame(answer, { ...request, subject: inbox }, requester.name);
      answers.clear();
      this.counts.requests++;
    }
  }
}

/** A subscription and what it received. */
class Reader {
  readonly received: Msg[] = [];
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
    client.onMessage = (one) => this.received.push({ ...one, payload: one.payload.slice() });
  }

  static async open(client: Client, subject: string, queue: string | undefined): Promise<Reader> {
    const reader = new Reader(client);
    client.send({ op: "sub", subject, queue, sid: "1" });
    await client.flush();
    return reader;
  }
}

class Client {
  /** Called with the first failure of any client. */
  static onFailure: (error: Error) => void = () => {};
  readonly name: string;
  readonly #socket: Socket;
  readonly #encoder = new Encoder<ClientFrame>();
  readonly #decoder = new Decoder<ServerFrame>(serverFrames);
  readonly #pings: (() => void)[] = [];
  #isClosing = false;
  onMessage: (message: Msg) => void = () => {};

  private constructor(port: number, name: string) {
    this.name = name;
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => {
      try {
        this.#decoder.push(chunk);
        for (const frame of this.#decoder) this.#receive(frame);
        this.#write();
      } catch (error) {
        Client.onFailure(error as Error);
      }
    });
    this.#socket.on("error", (error) => Client.onFailure(error));
    this.#socket.on("close", () => {
      if (!this.#isClosing) Client.onFailure(new Error(`${name} lost its connection`));
    });
  }

  static async open(port: number, name: string): Promise<Client> {
    const client = new Client(port, name);
    client.send({ op: "connect", options: { verbose: false, pedantic: false, headers: true, name } });
    await client.flush();
    return client;
  }

  send(frame: ClientFrame): void {
    this.#encoder.push(frame);
  }

  /** Resolves after the server has processed everything sent, and this client has received what it caused. */
  flush(): Promise<void> {
    this.send({ op: "ping" });
    this.#write();
    return new Promise((resolve) => this.#pings.push(resolve));
  }

  close(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  #receive(frame: ServerFrame): void {
    if (frame.op === "msg") this.onMessage(frame);
    else if (frame.op === "pong") this.#pings.shift()!();
    else if (frame.op === "ping") this.send({ op: "pong" });
    else if (frame.op !== "info") throw new Error(`${this.name} received ${JSON.stringify(frame)}`);
  }

  #write(): void {
    for (let bytes = this.#encoder.pull(); bytes !== undefined; bytes = this.#encoder.pull()) {
      const { length } = bytes;
      this.#socket.write(bytes, () => this.#encoder.release(length));
    }
  }
}

/** Returns the message of a number, which determines its size, content and headers. */
function message(subject: string, number: number): ClientFrame & { op: "pub" } {
  const payload = Buffer.alloc(8 + sizes[number % sizes.length]!, number);
  payload.writeDoubleBE(number);
  const headers = number % 3 === 0 ? Buffer.from(`NATS/1.0\r\nNumber: ${number}\r\n\r\n`) : undefined;
  return { op: "pub", subject, reply: undefined, headers, payload, flaw: undefined };
}

function numberOf({ payload }: Msg): number {
  return Buffer.from(payload).readDoubleBE();
}

function checkSame(actual: Msg, expected: ClientFrame & { op: "pub" }, who: string): void {
  const isSame =
    actual.subject === expected.subject &&
    Buffer.compare(actual.payload, expected.payload) === 0 &&
    Buffer.compare(actual.headers ?? NOTHING, expected.headers ?? NOTHING) === 0;
  if (!isSame)
    throw new Error(`${who} received ${actual.subject} ${numberOf(actual)}, not ${expected.subject} as published`);
}
