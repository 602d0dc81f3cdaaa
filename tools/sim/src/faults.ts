// SPDX-License-Identifier: Apache-2.0
import type { Host } from "./host.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

type Fault = readonly [weight: number, injectFault: (world: World) => void];

/** Faults of connections, servers and the clock, each with its weight. */
const faults: readonly Fault[] = [
  [6, onWire("reset", (wire) => wire.reset())],
  [
    6,
    onWire("stays open and forwards nothing", (wire, world) => {
      world.saw("swallowed");
      wire.stopForwarding();
    }),
  ],
  [4, onWire("loses what the client sends", ({ toServer }) => toServer.stop())],
  [4, onWire("loses what the server sends", ({ toClient }) => toClient.stop())],
  [8, onWire("stalls", (wire, world) => stall(wire, world))],
  [
    3,
    onWire("is half-closed by the server", (wire, world) => {
      world.saw("halfClosed");
      wire.toClient.end();
    }),
  ],
  [
    3,
    onWire("is half-closed by the client", (wire, world) => {
      world.saw("halfClosedUp");
      wire.toServer.end();
    }),
  ],
  [2, onWire("brings garbage", (wire) => wire.sendGarbage())],
  [4, onHost("restarts", restart)],
  [3, onHost("withholds PONGs", (host, world) => temporarily(world, host, "withholdsPongs"))],
  [4, onHost("rejects all credentials", (host, world) => temporarily(world, host, "refuses"))],
  [3, onHost("lets all credentials expire", expireCredentials)],
  [2, onHost("authenticates too slowly", (host, world) => temporarily(world, host, "isBusy"))],
  [3, onHost("advertises servers", (host) => host.advertise())],
  [2, onHost("enters lame duck mode", enterLameDuck)],
  [2, (world) => world.jump(world.random.pick([3000, 60_000, 1_000_000]))],
];

/** Injects one fault. */
export function injectFault(world: World): void {
  world.random.weighted(faults)(world);
}

function onWire(what: string, act: (wire: Wire, world: World) => void): (world: World) => void {
  return (world) => {
    const wires = world.clients.map(({ wire }) => wire).filter((wire) => wire !== undefined);
    if (wires.length === 0) return;
    const wire = world.random.pick(wires);
    world.note(`* ${wire.name} ${what}`);
    act(wire, world);
  };
}

function onHost(what: string, act: (host: Host, world: World) => void): (world: World) => void {
  return (world) => {
    const up = world.hosts.filter(({ core, isLeaving }) => core !== undefined && !isLeaving);
    if (up.length === 0) return;
    const host = world.random.pick(up);
    world.note(`* ${host.name} ${what}`);
    act(host, world);
  };
}

function stall(wire: Wire, { random, now }: World): void {
  const direction = random.pick([wire.toServer, wire.toClient]);
  direction.stalledUntil = now + random.pick([50, 500, 4000]);
}

function restart(host: Host, world: World): void {
  host.stop();
  world.schedule.at(world.now + world.random.pick([0, 100, 5000]), () => {
    if (host.core !== undefined) return;
    world.saw("restarted");
    host.start();
  });
}

function enterLameDuck(host: Host, world: World): void {
  host.lameDuck();
  world.schedule.at(world.now + 2000, () => {
    if (host.isLeaving) restart(host, world);
  });
}

function expireCredentials(host: Host, world: World): void {
  if (!world.setup.isAuthorized) return;
  host.expireCredentials();
  // Sometimes they are renewed before a session has tried twice.
  world.schedule.at(world.now + world.random.pick([10, 100, 2000]), () => {
    host.hasExpired = false;
  });
}

function temporarily(
  { schedule, now, random }: World,
  host: Host,
  what: "withholdsPongs" | "refuses" | "isBusy",
): void {
  host[what] = true;
  schedule.at(now + random.pick([300, 2000, 6000]), () => {
    host[what] = false;
  });
}
