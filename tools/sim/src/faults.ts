// SPDX-License-Identifier: Apache-2.0
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import type { Wire } from "./wire.ts";

type Fault = readonly [weight: number, injectFault: (network: Network) => void];

/** Faults of connections, servers and the clock, each with its weight. */
const faults: readonly Fault[] = [
  [6, onWire("reset", (wire) => wire.reset())],
  [
    6,
    onWire("stays open and forwards nothing", (wire, network) => {
      network.saw("swallowed");
      wire.stopForwarding();
    }),
  ],
  [4, onWire("loses what the client sends", ({ toServer }) => toServer.stop())],
  [4, onWire("loses what the server sends", ({ toClient }) => toClient.stop())],
  [8, onWire("stalls", (wire, network) => stall(wire, network))],
  [
    3,
    onWire("is half-closed by the server", (wire, network) => {
      network.saw("halfClosed");
      wire.toClient.end();
    }),
  ],
  [
    3,
    onWire("is half-closed by the client", (wire, network) => {
      network.saw("halfClosedUp");
      wire.toServer.end();
    }),
  ],
  [2, onWire("brings garbage", (wire) => wire.sendGarbage())],
  [4, onHost("restarts", restart)],
  [3, onHost("withholds PONGs", (host, network) => temporarily(network, host, "withholdsPongs"))],
  [4, onHost("rejects all credentials", (host, network) => temporarily(network, host, "refuses"))],
  [3, onHost("lets all credentials expire", expireCredentials)],
  [2, onHost("authenticates too slowly", (host, network) => temporarily(network, host, "isBusy"))],
  [3, onHost("advertises servers", (host) => host.advertise())],
  [2, onHost("enters lame duck mode", enterLameDuck)],
  [2, (network) => network.jump(network.random.pick([3000, 60_000, 1_000_000]))],
];

/** Injects faults at random times, until they end. */
export function scheduleFaults(network: Network): void {
  const { random, schedule } = network;
  const gap = random.pick([100, 300, 1000, 4000]);
  const inject = (): void => {
    if (!network.hasFaults) return;
    random.weighted(faults)(network);
    schedule.at(network.now + random.below(2 * gap), inject);
  };
  schedule.at(random.below(gap), inject);
}

function onWire(what: string, act: (wire: Wire, network: Network) => void): (network: Network) => void {
  return (network) => {
    const wires = network.clients.map(({ wire }) => wire).filter((wire) => wire !== undefined);
    if (wires.length === 0) return;
    const wire = network.random.pick(wires);
    network.note(`* ${wire.name} ${what}`);
    act(wire, network);
  };
}

function onHost(what: string, act: (host: Host, network: Network) => void): (network: Network) => void {
  return (network) => {
    const up = network.hosts.filter(({ core, isLeaving }) => core !== undefined && !isLeaving);
    if (up.length === 0) return;
    const host = network.random.pick(up);
    network.note(`* ${host.name} ${what}`);
    act(host, network);
  };
}

function stall(wire: Wire, { random, now }: Network): void {
  const direction = random.pick([wire.toServer, wire.toClient]);
  direction.stalledUntil = now + random.pick([50, 500, 4000]);
}

function restart(host: Host, network: Network): void {
  host.stop();
  network.schedule.at(network.now + network.random.pick([0, 100, 5000]), () => {
    if (host.core !== undefined) return;
    network.saw("restarted");
    host.start();
  });
}

function enterLameDuck(host: Host, network: Network): void {
  host.lameDuck();
  network.schedule.at(network.now + 2000, () => {
    if (host.isLeaving) restart(host, network);
  });
}

function expireCredentials(host: Host, network: Network): void {
  if (!network.setup.isAuthorized) return;
  host.expireCredentials();
  // Sometimes they are renewed before a session has tried twice.
  network.schedule.at(network.now + network.random.pick([10, 100, 2000]), () => {
    host.hasExpired = false;
  });
}

function temporarily(
  { schedule, now, random }: Network,
  host: Host,
  what: "withholdsPongs" | "refuses" | "isBusy",
): void {
  host[what] = true;
  schedule.at(now + random.pick([300, 2000, 6000]), () => {
    host[what] = false;
  });
}
