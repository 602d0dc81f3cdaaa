// SPDX-License-Identifier: Apache-2.0
// Clients that keep to the protocol and count what they are owed: of all that is published each subscriber gets each
// message once, in order and whole, of a queue group one member, and each request its own answer. `npm run serve` lets
// everybody publish everywhere, so nothing but their names keeps garbage from these subjects: `calm` is no word of the
// fuzzer's, and attackers never say again what they hear.
import { connect, type Socket } from "node:net";
import { type ClientFrame, Decoder, Encoder, type Msg, type ServerFrame, serverFrames } from "@natswire/codec";

const BATCH = 50;
const NOTHING = new Uint8Array(0);
const sizes = [0, 1, 16, 128, 1000, 5000, 9000, 20_000];

/** What the clients published and got. */
export interface Tally {
  published: number;
  delivered: number;
  requests: number;
}

export class Calm {
  readonly tally: Tally = { published: 0, delivered: 0, requests: 0 };
  readonly #clients: Client[] = [];
  #stopped = false;

  /** Publishes until it is stopped; rejects at the first message that is lost, comes twice, late, or changed. */
  async run(port: number): Promise<void> {
    const open = async (name: string): Promise<Client> => {
      const client = await Client.open(port, name);
      this.#clients.push(client);
      return client;
    };
    const broken = new Promise<never>((_, reject) => {
      Client.fails = reject;
    });
    const conversations = Promise.all([this.#publish(0, open), this.#publish(1, open), this.#request(open)]);
    await Promise.race([conversations, broken]);
    for (const client of this.#clients) client.close();
  }

  /** Lets the batches under way end. */
  stop(): void {
    this.#stopped = true;
  }

  async #publish(number: number, open: (name: string) => Promise<Client>): Promise<void> {
    const subject = `calm.${number}.news`;
    const readers = [
      await Reader.open(await open("wildcard"), `calm.${number}.*`, undefined),
      await Reader.open(await open("full wildcard"), `calm.${number}.>`, undefined),
      await Reader.open(await open("literal"), subject, undefined),
    ];
    const workers = [
      await Reader.open(await open("worker"), subject, "calm-workers"),
      await Reader.open(await open("other worker"), `calm.${number}.*`, "calm-workers"),
    ];
    const publisher = await open("publisher");
    for (let first = 0; !this.#stopped; first += BATCH) {
      for (let i = first; i < first + BATCH; i++) publisher.say(message(subject, i));
      await publisher.flush();
      await Promise.all([...readers, ...workers].map((one) => one.client.flush()));
      for (const { got, client } of readers) {
        if (got.length !== BATCH) throw new Error(`${client.name} got ${got.length} of ${BATCH} from ${first} on`);
        for (const [i, one] of got.entries()) isSame(one, message(subject, first + i), client.name);
      }
      const shared = workers.flatMap(({ got }) => got).sort((a, b) => numberOf(a) - numberOf(b));
      if (shared.length !== BATCH) throw new Error(`the queue group got ${shared.length} of ${BATCH} from ${first} on`);
      for (const [i, one] of shared.entries()) isSame(one, message(subject, first + i), "the queue group");
      for (const { got, client } of workers) {
        const numbers = got.map(numberOf);
        if (numbers.some((n, i) => i > 0 && n < numbers[i - 1]!)) throw new Error(`${client.name} got ${numbers}`);
      }
      this.tally.published += BATCH;
      this.tally.delivered += (readers.length + 1) * BATCH;
      for (const one of [...readers, ...workers]) one.got.length = 0;
    }
  }

  async #request(open: (name: string) => Promise<Client>): Promise<void> {
    const [responder, requester] = [await open("responder"), await open("requester")];
    responder.hears = (one) => responder.say(message(one.reply!, numberOf(one)));
    responder.say({ op: "sub", subject: "calm.service", queue: undefined, sid: "1" });
    await responder.flush();
    const answers = new Map<string, Msg>();
    requester.hears = (one) => answers.set(one.subject, { ...one, payload: one.payload.slice() });
    requester.say({ op: "sub", subject: "_INBOX.calm.*", queue: undefined, sid: "1" });
    for (let i = 0; !this.#stopped; i++) {
      const inbox = `_INBOX.calm.${i}`;
      const request = message("calm.service", i);
      requester.say({ ...request, reply: inbox });
      // There, answered, and back, each behind a barrier.
      for (const one of [requester, responder, responder, requester]) await one.flush();
      const answer = answers.get(inbox);
      if (answers.size !== 1 || answer === undefined) throw new Error(`${[...answers.keys()]} answer request ${i}`);
      isSame(answer, { ...request, subject: inbox }, requester.name);
      answers.clear();
      this.tally.requests++;
    }
  }
}

/** A subscription and what it got. */
class Reader {
  readonly got: Msg[] = [];
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
    client.hears = (one) => this.got.push({ ...one, payload: one.payload.slice() });
  }

  static async open(client: Client, subject: string, queue: string | undefined): Promise<Reader> {
    const reader = new Reader(client);
    client.say({ op: "sub", subject, queue, sid: "1" });
    await client.flush();
    return reader;
  }
}

class Client {
  /** Where all of them tell what must not happen. */
  static fails: (error: Error) => void = () => {};
  readonly name: string;
  readonly #socket: Socket;
  readonly #encoder = new Encoder<ClientFrame>();
  readonly #decoder = new Decoder<ServerFrame>(serverFrames);
  readonly #waiting: (() => void)[] = [];
  #isClosing = false;
  hears: (message: Msg) => void = () => {};

  private constructor(port: number, name: string) {
    this.name = name;
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => {
      try {
        this.#decoder.push(chunk);
        for (const frame of this.#decoder) this.#heard(frame);
        this.#write();
      } catch (error) {
        Client.fails(error as Error);
      }
    });
    this.#socket.on("error", (error) => Client.fails(error));
    this.#socket.on("close", () => {
      if (!this.#isClosing) Client.fails(new Error(`${name} lost its connection`));
    });
  }

  static async open(port: number, name: string): Promise<Client> {
    const client = new Client(port, name);
    client.say({ op: "connect", options: { verbose: false, pedantic: false, headers: true, name } });
    await client.flush();
    return client;
  }

  say(frame: ClientFrame): void {
    this.#encoder.push(frame);
  }

  /** Resolves when all that was said until now is done, and all that it caused for this client was heard. */
  flush(): Promise<void> {
    this.say({ op: "ping" });
    this.#write();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  #heard(frame: ServerFrame): void {
    if (frame.op === "msg") this.hears(frame);
    else if (frame.op === "pong") this.#waiting.shift()!();
    else if (frame.op === "ping") this.say({ op: "pong" });
    else if (frame.op !== "info") throw new Error(`${this.name} heard ${JSON.stringify(frame)}`);
  }

  #write(): void {
    for (let bytes = this.#encoder.pull(); bytes !== undefined; bytes = this.#encoder.pull()) {
      const { length } = bytes;
      this.#socket.write(bytes, () => this.#encoder.release(length));
    }
  }
}

/** The message of a number: its size, its content and its headers follow from it. */
function message(subject: string, number: number): ClientFrame & { op: "pub" } {
  const payload = Buffer.alloc(8 + sizes[number % sizes.length]!, number);
  payload.writeDoubleBE(number);
  const headers = number % 3 === 0 ? Buffer.from(`NATS/1.0\r\nNumber: ${number}\r\n\r\n`) : undefined;
  return { op: "pub", subject, reply: undefined, headers, payload, flaw: undefined };
}

function numberOf({ payload }: Msg): number {
  return Buffer.from(payload).readDoubleBE();
}

function isSame(got: Msg, wanted: ClientFrame & { op: "pub" }, who: string): void {
  const isWhole =
    got.subject === wanted.subject &&
    Buffer.compare(got.payload, wanted.payload) === 0 &&
    Buffer.compare(got.headers ?? NOTHING, wanted.headers ?? NOTHING) === 0;
  if (!isWhole) throw new Error(`${who} got ${got.subject} ${numberOf(got)}, not ${wanted.subject} as published`);
}
