// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Findings } from "../src/findings.ts";
import { type Delivery, Ledger } from "../src/jetstream/ledger.ts";

/** Calls a function with the ledger of three published messages, and returns what is wrong at the end. */
function wrongAfter(act: (ledger: Ledger) => void): string[] {
  const findings = new Findings();
  const ledger = new Ledger(3, findings);
  for (let number = 0; number < 3; number++) {
    ledger.next();
    ledger.acked(number, 10 + number);
  }
  act(ledger);
  return [...findings.broken, ...ledger.missing];
}

let deliverySequence = 0;

/** Returns the next delivery of a message. */
function delivery(number: number, deliveryCount = 1): Delivery {
  return { streamSequence: 10 + number, deliverySequence: ++deliverySequence, deliveryCount };
}

/** Delivers some messages to both consumers. */
function deliver(ledger: Ledger, ...numbers: readonly number[]): void {
  for (const number of numbers)
    for (const name of ["looping", "confirming"] as const) ledger.delivered(name, number, delivery(number));
}

describe("the ledger of the JetStream soak", () => {
  it("finds nothing if all messages come, some again before the answer", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2, 1);
      for (const number of [0, 1, 2]) ledger.confirmed(number);
      expect(ledger.totals).toEqual({ published: 3, delivered: 6, redelivered: 2, confirmed: 3, repeated: 0 });
    });
    expect(wrong).toEqual([]);
  });

  it("finds an acknowledged message that a consumer did not get", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 2);
      ledger.delivered("looping", 1, delivery(1));
    });
    expect(wrong).toEqual(["message 1 is lost: its publish was acknowledged, the consumer confirming did not get it"]);
  });

  it("finds no loss if the publish was not acknowledged", () => {
    const findings = new Findings();
    const ledger = new Ledger(1, findings);
    ledger.next();
    expect([...findings.broken, ...ledger.missing]).toEqual([]);
  });

  it("finds a message that is redelivered after its acknowledgement", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.confirmed(1);
      ledger.delivered("confirming", 1, delivery(1, 2));
    });
    expect(wrong).toEqual(["message 1 is redelivered, after the server confirmed its acknowledgement"]);
  });

  it("counts one that the server delivers as new after that", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.confirmed(1);
      ledger.delivered("confirming", 1, delivery(1));
      expect(ledger.totals.repeated).toBe(1);
    });
    expect(wrong).toEqual([]);
  });

  it("finds a delivery that comes twice", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1);
      const last = delivery(2);
      for (const name of ["looping", "confirming", "looping"] as const) ledger.delivered(name, 2, last);
    });
    expect(wrong).toEqual([`the consumer looping received delivery ${deliverySequence} after ${deliverySequence}`]);
  });

  it("lets a killed server forget what it confirmed before, not after", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.confirmed(0);
      ledger.killed();
      ledger.confirmed(1);
      for (const number of [0, 1]) ledger.delivered("confirming", number, delivery(number, 2));
    });
    expect(wrong).toEqual(["message 1 is redelivered, after the server confirmed its acknowledgement"]);
  });

  it("finds a message that is stored twice, and an answer to another", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.delivered("looping", 0, delivery(10));
      ledger.acked(1, 12);
    });
    expect(wrong).toEqual([
      "message 0 is stored twice: at 10; the consumer looping received it at 20",
      "message 1 is stored twice: at 11; its publish was acknowledged at 12",
    ]);
  });

  it("finds a message that was never published", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.delivered("looping", 7, delivery(7));
    });
    expect(wrong).toEqual(["the consumer looping received message 7, which was never published"]);
  });
});
