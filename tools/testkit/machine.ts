// SPDX-License-Identifier: Apache-2.0
// What every driver of a sans-IO machine does: `Session` and `ServerCore` are driven by these, in tests and tools.

/** A machine that has outputs: a `Session` or a `ServerCore`. */
interface Machine<T> {
  poll(): T | undefined;
}

/** Yields the outputs of a machine until it has none. Outputs that are caused while iterating are included. */
export function* outputsOf<T>(machine: Machine<T>): Generator<T, void> {
  for (let output = machine.poll(); output !== undefined; output = machine.poll()) yield output;
}

/**
 * Yields the segments that a machine has to send. The driver must release them.
 *
 * @param transmit `() => session.transmit()` or `() => core.transmit(peer)`
 */
export function* segmentsOf(transmit: () => Uint8Array | undefined): Generator<Uint8Array, void> {
  for (let segment = transmit(); segment !== undefined; segment = transmit()) yield segment;
}

/** A machine that is waiting for a time. */
interface Waiting {
  readonly deadline: number | undefined;
}

/**
 * Yields each deadline of a machine up to and including `end`, in order. The driver must call `elapsed` for each.
 *
 * @param end milliseconds
 */
export function* deadlinesUntil(machine: Waiting, end: number): Generator<number, void> {
  for (let at = machine.deadline; at !== undefined && at <= end; at = machine.deadline) yield at;
}
