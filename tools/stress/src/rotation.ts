// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { type Connection, connect, type Status } from "@natswire/node";
import { type RealServer, startNatsServer, tlsConfig } from "../../testkit/nats-server.ts";
import { Random } from "../../testkit/random.ts";
import { RawClient } from "../../testkit/raw-client.ts";
import { TcpProxy } from "../../testkit/tcp-proxy.ts";
import { type FaultKind, injectFault } from "./fault.ts";
import { type Flaw, flaws, RotatingFiles } from "./rotating-files.ts";
import { SelfPublisher, type Totals } from "./self-publisher.ts";

// Milliseconds in which the client must be connected again.
const TIMEOUT = 10_000;

/** The results of a run. */
export interface Summary extends Totals {
  readonly rotations: number;
  /** Of these, rotations to another authority: only the new files work. */
  readonly replaced: number;
  /** Restarts of the server; it is reloaded otherwise. */
  readonly restarts: number;
  /** The number of times that the client met incomplete files of each kind. */
  readonly flawed: Readonly<Record<Flaw, number>>;
  readonly zombies: number;
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** What happens in one rotation. Everything is drawn before anything happens. */
interface Plan {
  readonly isSameAuthority: boolean;
  readonly isRestart: boolean;
  readonly flaw: Flaw | undefined;
}

/**
 * Replaces the certificates of a real nats-server and of its client on disk while the proxy between them breaks connections. The
 * client must connect with the new files, and incomplete files may cost it one attempt.
 */
export async function rotate(rotations: number, seed: number): Promise<Summary> {
  const began = performance.now();
  const files = new RotatingFiles();
  const run = await Rotation.open(files, seed);
  try {
    for (let number = 1; number <= rotations && run.broken.length === 0; number++) await run.rotate(number);
    return { ...(await run.finish()), seconds: (performance.now() - began) / 1000 };
  } finally {
    await run.close();
    files.remove();
  }
}

class Rotation {
  readonly broken: string[] = [];
  readonly #random: Random;
  readonly #files: RotatingFiles;
  #server: RealServer;
  readonly #proxy: TcpProxy;
  readonly #client: Connection;
  readonly #publisher: SelfPublisher;
  readonly #faults: FaultKind[] = [];
  readonly #counts = { rotations: 0, replaced: 0, restarts: 0, zombies: 0 };
  readonly #flawed: Record<Flaw, number> = { cut: 0, old: 0 };

  private constructor(files: RotatingFiles, seed: number, server: RealServer, proxy: TcpProxy, client: Connection) {
    this.#files = files;
    this.#random = new Random(seed);
    this.#server = server;
    this.#proxy = proxy;
    this.#client = client;
    this.#publisher = new SelfPublisher(client, "self");
  }

  static async open(files: RotatingFiles, seed: number): Promise<Rotation> {
    const server = await startServer(files);
    const proxy = await TcpProxy.open(server.port);
    const client = await connect({
      servers: `nats://127.0.0.1:${proxy.port}`,
      tls: files.client,
      pingInterval: 50,
      maxPingOut: 2,
      timeout: 2000,
      reconnectTimeWait: 5,
      maxReconnectTimeWait: 20,
      maxReconnectAttempts: -1,
    });
    return new Rotation(files, seed, server, proxy, client);
  }

  /** Replaces the certificates once, then injects another fault. The client must recover from each. */
  async rotate(number: number): Promise<void> {
    const random = this.#random;
    const plan = {
      isSameAuthority: random.once(2),
      isRestart: random.once(3),
      flaw: random.pick([undefined, ...flaws]),
    };
    this.#counts.rotations++;
    if (!plan.isSameAuthority) this.#counts.replaced++;
    this.#files.rotate(random, plan.isSameAuthority);
    await this.#replaceServer(plan);
    const attempts = await this.#replaceClient(plan);
    const wanted = plan.flaw === undefined ? 1 : 2;
    if (attempts !== wanted)
      this.broken.push(`rotation ${number} (${JSON.stringify(plan)}): the client needed ${attempts} attempts`);
    await this.#publisher.settled();
    this.#faults.push(await injectFault(this.#proxy, random));
    await this.#publisher.settled();
    const zombies = await this.#proxy.clear();
    this.#counts.zombies += zombies;
    if (zombies > 0)
      this.broken.push(`rotation ${number}: the client left a connection open after ${this.#faults.at(-1)}`);
  }

  async finish(): Promise<Omit<Summary, "seconds">> {
    this.#publisher.stop();
    await this.#publisher.settled();
    this.#publisher.checkStats();
    const broken = [...this.broken, ...this.#publisher.broken];
    return { ...this.#counts, flawed: this.#flawed, ...this.#publisher.totals, broken };
  }

  async close(): Promise<void> {
    this.#publisher.stop();
    await this.#client.close();
    await this.#proxy.close();
    await this.#server.stop();
  }

  /** Replaces the certificate of the server, and what it accepts. Resolves after it uses them. */
  async #replaceServer({ isRestart }: Plan): Promise<void> {
    const { port } = this.#server;
    this.#files.writeServer();
    if (isRestart) {
      this.#counts.restarts++;
      await this.#server.stop();
      this.#server = await startServer(this.#files, port);
    } else this.#server.reload();
    while (!(await isServed(port, this.#files))) await sleep(5);
  }

  /**
   * Replaces the files of the client, incomplete ones for one attempt first, and breaks its connection.
   *
   * Resolves to the number of attempts that it made with its new files until it was connected.
   *
   * @throws Error if it is not connected after 10 seconds
   */
  async #replaceClient({ flaw }: Plan): Promise<number> {
    const files = this.#files;
    let attempts = 0;
    await new Promise<void>((resolve, reject) => {
      // Called before the files are read for the attempt, and after it failed.
      const listener = ({ type }: Status): void => {
        if (type === "connecting") attempts++;
        if (type === "reconnecting" && attempts === 1 && flaw !== undefined) files.writeClient();
        // An attempt from before the new files may have succeeded just now.
        if (type !== "reconnect" || attempts === 0) return;
        stop();
        clearTimeout(timer);
        resolve();
      };
      const fail = (): void => reject(new Error(`not connected with the new files after ${attempts} attempts`));
      const timer = setTimeout(fail, TIMEOUT);
      const stop = this.#client.onStatus(listener);
      if (flaw === undefined) files.writeClient();
      else files.writeFlawed(this.#random, flaw);
      if (flaw !== undefined) this.#flawed[flaw]++;
      this.#proxy.reset();
    });
    return attempts;
  }
}

function startServer(files: RotatingFiles, port?: number): Promise<RealServer> {
  const { certFile, keyFile, caFile } = files.server;
  return startNatsServer(tlsConfig({ certFile, keyFile }, `ca_file: "${caFile}"`, "verify: true"), port);
}

/** Returns whether a server shows the new certificate. */
async function isServed(port: number, { identity }: RotatingFiles): Promise<boolean> {
  const { server, client } = identity;
  const raw = new RawClient(port);
  try {
    await raw.info();
    await raw.startTls({ cert: client.cert, key: client.key, rejectUnauthorized: false });
    const shown = (raw.socket as TLSSocket).getPeerX509Certificate();
    return shown !== undefined && shown.toString().trim() === server.cert.trim();
  } catch {
    return false;
  } finally {
    raw.tcp.destroy();
    await raw.closed;
  }
}
