// SPDX-License-Identifier: Apache-2.0
import type { Host } from "./host.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

type Fault = readonly [weight: number, befall: (world: World) => void];

/** What goes wrong between a session and its server, and with them; the weights say how often. */
const faults: readonly Fault[] = [
  [6, onWire("reset", (wire) => wire.reset())],
  [
    6,
    onWire("carries nothing from now on", (wire, world) => {
      world.saw("swallowed");
      wire.swallow();
    }),
  ],
  [4, onWire("loses what the client says", ({ up }) => up.die())],
  [4, onWire("loses what the server says", ({ down }) => down.die())],
  [8, onWire("is held up", (wire, world) => stall(wire, world))],
  [
    3,
    onWire("ends at the server's side", (wire, world) => {
      world.saw("halfClosed");
      wire.down.end();
    }),
  ],
  [
    3,
    onWire("ends at the client's side", (wire, world) => {
      world.saw("halfClosedUp");
      wire.up.end();
    }),
  ],
  [2, onWire("brings garbage", (wire) => wire.garble())],
  [4, onHost("restarts", restart)],
  [3, onHost("withholds PONGs", (host, world) => forAWhile(world, host, "withholdsPongs"))],
  [4, onHost("refuses everybody", (host, world) => forAWhile(world, host, "refuses"))],
  [3, onHost("announces servers", (host) => host.announce())],
  [2, onHost("goes by and by", goByAndBy)],
  [2, (world) => world.jump(world.random.pick([3000, 60_000, 1_000_000]))],
];

/** One thing goes wrong. */
export function befall(world: World): void {
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
  const lane = random.pick([wire.up, wire.down]);
  lane.stalledUntil = now + random.pick([50, 500, 4000]);
}

function restart(host: Host, world: World): void {
  host.stop();
  world.agenda.at(world.now + world.random.pick([0, 100, 5000]), () => {
    if (host.core !== undefined) return;
    world.saw("restarted");
    host.start();
  });
}

function goByAndBy(host: Host, world: World): void {
  host.lameDuck();
  world.agenda.at(world.now + 2000, () => {
    if (host.isLeaving) restart(host, world);
  });
}

function forAWhile({ agenda, now, random }: World, host: Host, what: "withholdsPongs" | "refuses"): void {
  host[what] = true;
  agenda.at(now + random.pick([300, 2000, 6000]), () => {
    host[what] = false;
  });
}
