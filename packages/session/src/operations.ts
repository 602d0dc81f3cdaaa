// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { Ticket } from "./outputs.ts";
import type { Subscription } from "./subscriptions.ts";
import { Timer } from "./timers.ts";

// A ticket is this times the uses of a slot, plus the slot.
const MAX_OPERATIONS = 1_048_576;

/** Ends a request for many replies before its timeout. */
export interface Many {
  /** After this many replies. */
  readonly maxMessages?: number | undefined;
  /** After this many milliseconds without a reply, beginning with the first. */
  readonly stall?: Millis | undefined;
  /** After an empty reply. */
  readonly sentinel?: boolean | undefined;
}

/**
 * A request, a flush or a drain in progress.
 *
 * The object is used again after its end: a new one for each would outlive its operation (`client request, 500 at once 16 B`).
 */
export class Operation {
  readonly slot: number;
  ticket: Ticket = 0;
  /** What the application gave to recognize the operation by. */
  caller: unknown;
  isPending = false;

  /** A request: its subject, its reply subject, its limits, and the replies received. */
  subject = "";
  reply = "";
  timeout: Millis = 0;
  many: Many | undefined;
  replies = 0;
  /** The inbox of a request that has one of its own. */
  inbox: Subscription | undefined;
  /** The number of its message, with which a buffered one is withdrawn. */
  message = 0;
  readonly timer: Timer<Operation> = new Timer(this);
  /** The timer of a request that ends after a silence. */
  stall: Timer<Operation> | undefined;

  /** A flush that waits for a connection. */
  waits = false;
  /** The subscriptions that a drain ends. */
  draining: readonly Subscription[] | undefined;

  /** @param slot its place in the table */
  constructor(slot: number) {
    this.slot = slot;
  }
}

/** The operations in progress, each in a slot. A slot is used again, a ticket never. */
export class Operations {
  readonly #slots: Operation[] = [];
  readonly #free: Operation[] = [];

  /**
   * Begins an operation.
   *
   * @throws UsageError TOO_LARGE if 1,048,576 are in progress
   */
  begin(caller: unknown): Operation {
    const operation = this.#free.pop() ?? this.#grow();
    operation.ticket += operation.ticket === 0 ? MAX_OPERATIONS + operation.slot : MAX_OPERATIONS;
    operation.caller = caller;
    operation.isPending = true;
    return operation;
  }

  /** Returns an operation in progress by its ticket. */
  get(ticket: Ticket): Operation | undefined {
    const operation = this.#slots[ticket % MAX_OPERATIONS];
    return operation?.ticket === ticket && operation.isPending ? operation : undefined;
  }

  /** Returns the operation that has, or had, this slot. */
  at(slot: number): Operation | undefined {
    return this.#slots[slot];
  }

  /** Ends an operation. Its fields are cleared, so that it keeps nothing alive. */
  end(operation: Operation): void {
    operation.isPending = operation.waits = false;
    operation.caller = undefined;
    operation.subject = operation.reply = "";
    operation.many = undefined;
    operation.replies = operation.message = 0;
    operation.inbox = operation.draining = undefined;
    this.#free.push(operation);
  }

  /** Yields the operations in progress. */
  *[Symbol.iterator](): Generator<Operation> {
    for (const operation of this.#slots) if (operation.isPending) yield operation;
  }

  #grow(): Operation {
    const slot = this.#slots.length;
    if (slot === MAX_OPERATIONS) {
      throw new UsageError("TOO_LARGE", `${MAX_OPERATIONS} operations are in progress, the limit`);
    }
    const operation = new Operation(slot);
    this.#slots.push(operation);
    return operation;
  }
}
