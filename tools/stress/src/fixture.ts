// SPDX-License-Identifier: Apache-2.0
import { type ConnectOptions, connect } from "@natswire/node";
import type { Certificates } from "../../testkit/certificates.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import type { Outcome } from "./link.ts";
import { Witness } from "./witness.ts";

/** A real nats-server, and a witness who is connected to it without a proxy. */
export class Site {
  readonly port: number;
  /** How a client connects to it. */
  readonly options: ConnectOptions;
  readonly #server: RealServer;
  readonly #witness: Witness;

  private constructor(server: RealServer, witness: Witness, options: ConnectOptions) {
    this.port = server.port;
    this.options = options;
    this.#server = server;
    this.#witness = witness;
  }

  /** @param certificates makes it speak TLS */
  static async open(certificates?: Certificates): Promise<Site> {
    const tls = certificates && {
      config: `tls { cert_file: "${certificates.server.certFile}", key_file: "${certificates.server.keyFile}" }`,
      options: { tls: { ca: certificates.ca.cert } },
    };
    const server = await startNatsServer(tls?.config ?? "");
    const options = tls?.options ?? {};
    const witness = new Witness(await connect({ servers: `nats://127.0.0.1:${server.port}`, ...options }), "talk.*");
    await witness.client.flush();
    return new Site(server, witness, options);
  }

  /** What must not have happened here: what a talker heard of itself the server had, and so had the witness. */
  async broken(outcomes: readonly Outcome[]): Promise<readonly string[]> {
    await this.#witness.client.flush();
    const of = ({ subject }: Outcome): number => this.#witness.heard.get(subject) ?? 0;
    const unseen = outcomes.filter((one) => of(one) < one.heard || of(one) > one.published);
    return [
      ...this.#witness.broken,
      ...unseen.map((one) => `${one.subject}: ${of(one)} relayed, ${one.heard} heard of ${one.published}`),
    ];
  }

  async close(): Promise<void> {
    await this.#witness.client.close();
    await this.#server.stop();
  }
}
