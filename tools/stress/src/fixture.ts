// SPDX-License-Identifier: Apache-2.0
import { type ConnectOptions, connect } from "@natswire/node";
import type { Certificates } from "../../testkit/certificates.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../testkit/nats-server.ts";
import type { LinkResult } from "./link.ts";
import { Witness } from "./witness.ts";

/** A real nats-server, and a witness that is connected to it without a proxy. */
export class Fixture {
  readonly port: number;
  /** The options with which a client connects to the server. */
  readonly options: ConnectOptions;
  readonly #server: RealServer;
  readonly #witness: Witness;

  private constructor(server: RealServer, witness: Witness, options: ConnectOptions) {
    this.port = server.port;
    this.options = options;
    this.#server = server;
    this.#witness = witness;
  }

  /** Starts a server, with TLS if it is given certificates. */
  static async open(certificates?: Certificates): Promise<Fixture> {
    const tls = certificates && {
      config: tlsConfig(certificates.server),
      options: { tls: { ca: certificates.ca.cert } },
    };
    const server = await startNatsServer(tls?.config ?? "");
    const options = tls?.options ?? {};
    const witness = new Witness(await connect({ servers: `nats://127.0.0.1:${server.port}`, ...options }), "self.*");
    await witness.client.flush();
    return new Fixture(server, witness, options);
  }

  /** Returns what is wrong: the witness must receive every message that a publisher received from itself. */
  async broken(results: readonly LinkResult[]): Promise<readonly string[]> {
    await this.#witness.client.flush();
    const relayed = ({ subject }: LinkResult): number => this.#witness.received.get(subject) ?? 0;
    const wrong = results.filter((one) => relayed(one) < one.received || relayed(one) > one.published);
    return [
      ...this.#witness.broken,
      ...wrong.map(
        (one) => `${one.subject}: ${one.published} published, ${relayed(one)} relayed, ${one.received} received`,
      ),
    ];
  }

  async close(): Promise<void> {
    await this.#witness.client.close();
    await this.#server.stop();
  }
}
