// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame } from "@natswire/codec";
import type { ConnectionId, ServerConfig, ServerCore } from "@natswire/server";
import { outputsOf, segmentsOf } from "../../testkit/machine.ts";
import { Delivery } from "./delivery.ts";
import { hold } from "./laws.ts";
import type { Network } from "./network.ts";
import type { Wire } from "./wire.ts";

/** The subject that no user may publish to, and some may subscribe to, if the server authorizes users. */
export const DENIED = "denied";

/** A port on which a server runs. The server can be stopped and replaced by a new one. */
export class Host {
  readonly name: string;
  readonly url: string;
  readonly address: string;
  core: ServerCore | undefined;
  /** Rejects all credentials. */
  refuses = false;
  /** The credentials of all users have expired, and are renewed later. */
  hasExpired = false;
  /** Authenticates too slowly: after its own timeout. */
  isBusy = false;
  /** Answers no PING. */
  withholdsPongs = false;
  /** In lame duck mode. */
  isLeaving = false;
  readonly #network: Network;
  readonly #config: Partial<ServerConfig>;
  readonly #wires = new Map<ConnectionId, Wire>();
  #delivery: Delivery;

  constructor(network: Network, name: string, address: string, config: Partial<ServerConfig>) {
    this.#network = network;
    this.name = name;
    this.address = address;
    this.url = `nats://${address}`;
    this.#config = config;
    this.#delivery = new Delivery(network.messages);
  }

  /** Starts a new server. */
  start(): void {
    const { random, bytes, under } = this.#network;
    this.core = new under.ServerCore({ random: bytes, maxLine: 4096, ...this.#config });
    this.#delivery = new Delivery(this.#network.messages);
    this.isLeaving = false;
    this.#network.note(`${this.name} starts`);
    if (random.once(2)) this.advertise();
  }

  /** Stops the server, which loses its state. */
  stop(): void {
    if (this.core === undefined) return;
    this.#network.note(`${this.name} stops`);
    this.core = undefined;
    for (const wire of this.#wires.values()) wire.reset();
    this.#wires.clear();
  }

  advertise(): void {
    const { random, hosts, now } = this.#network;
    this.core?.advertise(
      hosts.filter(() => !random.once(3)).map(({ address }) => address),
      now,
    );
    this.pump();
  }

  accept(wire: Wire): void {
    if (this.core === undefined) return wire.reset();
    wire.peer = this.core.opened(this.#now(), this.#network.setup.tls);
    this.#wires.set(wire.peer, wire);
    this.pump();
  }

  has(wire: Wire): boolean {
    return wire.peer !== undefined && this.#wires.get(wire.peer) === wire;
  }

  /** Returns the subscriptions of a connection: sid, subject, queue group and how many messages are left. */
  subscriptionsOf(wire: Wire): string[] {
    const { subscriptions } = this.core!.connection(wire.peer!)!;
    return subscriptions.map(({ subject, queue, sid, delivered, max }) => {
      return `${sid} ${subject} ${queue} ${max === undefined ? "" : max - delivered}`;
    });
  }

  received(wire: Wire, chunk: Uint8Array, frames: readonly ClientFrame[]): void {
    const { core } = this;
    if (core === undefined || !this.has(wire) || wire.isLeaving) return;
    const before = core.stats.published;
    core.received(wire.peer!, chunk, this.#now());
    const { isAuthorized } = this.#network.setup;
    const taken = core.stats.published - before;
    this.#delivery.received(wire, frames, taken, (subject) => isAuthorized && subject === DENIED);
    this.pump();
    this.#delivery.settle();
    if ([...this.#delivery.shared.values()].some(({ size }) => size > 1)) this.#network.saw("group");
  }

  released(wire: Wire, bytes: number): void {
    if (!this.has(wire)) return;
    this.core!.released(wire.peer!, bytes);
  }

  lost(wire: Wire): void {
    if (!this.has(wire)) return;
    this.#network.note(`${this.name} lost ${wire.client.name}`);
    this.#wires.delete(wire.peer!);
    this.#delivery.lost(wire);
    this.core!.lost(wire.peer!, this.#now());
    this.pump();
  }

  get deadline(): number | undefined {
    return this.core?.deadline;
  }

  elapsed(): void {
    const { now } = this.#network;
    this.core!.elapsed(now);
    this.pump();
    const { deadline } = this;
    hold("busy", deadline === undefined || deadline > now, () => `${this.name} has the deadline ${deadline}`);
  }

  lameDuck(): void {
    const { random, now } = this.#network;
    this.#network.note(`${this.name} is in lame duck mode`);
    this.isLeaving = true;
    this.core?.lameDuck(random.below(500), random.below(1000), now);
    this.pump();
  }

  /** Expires all credentials: the server disconnects every client, and refuses it until they are renewed. */
  expireCredentials(): void {
    this.hasExpired = true;
    for (const wire of this.#wires.values()) this.#expire(wire);
    this.pump();
  }

  #expire(wire: Wire): void {
    if (wire.isLeaving) return;
    wire.sendError("User Authentication Expired");
    this.core!.drop(wire.peer!, "expired", this.#now());
  }

  /** Transmits all output and performs all actions of the server. */
  pump(): void {
    const { core } = this;
    if (core === undefined) return;
    for (const peer of core.writable) this.#transmit(core, peer);
    for (const action of outputsOf(core)) {
      const wire = "connection" in action ? this.#wires.get(action.connection) : undefined;
      if (action.do === "authorize") this.#authorize(action.connection);
      else if (action.do === "close" && wire !== undefined) {
        this.#network.note(`${this.name} closes the connection of ${wire.client.name}: ${action.detail}`);
        if (action.reason === "slow") this.#network.saw("slowConsumer");
        if (action.reason === "stale") this.#network.saw("staleServer");
        wire.closeByServer(action.reason === "slow");
      }
    }
  }

  #transmit(core: ServerCore, peer: ConnectionId): void {
    const segments = [...segmentsOf(() => core.transmit(peer))];
    const wire = this.#wires.get(peer);
    if (wire === undefined) return;
    for (const frame of wire.sendToClient(segments, this.withholdsPongs)) this.#delivery.sent(wire, frame);
  }

  #authorize(peer: ConnectionId): void {
    const { core } = this;
    const { random, now, schedule } = this.#network;
    const answer = (): void => {
      if (this.core !== core) return;
      const wire = this.#wires.get(peer);
      if (this.hasExpired && wire !== undefined) {
        this.#expire(wire);
        return this.pump();
      }
      // The permission to subscribe comes and goes with each connection.
      const subscribe = random.once(2) ? { deny: [DENIED] } : undefined;
      const grant = this.refuses ? undefined : { permissions: { publish: { deny: [DENIED] }, subscribe } };
      core!.authorized(peer, grant, this.#now());
      this.pump();
    };
    const isLate = this.#network.hasFaults && (this.isBusy || random.once(20));
    schedule.at(now + random.below(50) + (isLate ? 2500 : 0), answer);
  }

  #now(): number {
    return this.#network.reportedTime();
  }
}
