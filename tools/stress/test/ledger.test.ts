// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Findings } from "../src/findings.ts";
import { Ledger } from "../src/jetstream/ledger.ts";

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

/** Delivers some messages to both consumers. */
function deliver(ledger: Ledger, ...numbers: readonly number[]): void {
  for (const number of numbers)
    for (const name of ["looping", "confirming"] as const) ledger.delivered(name, number, 10 + number);
}

describe("the ledger of the JetStream soak", () => {
  it("finds nothing if all messages come, some again before the answer", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2, 1);
      for (const number of [0, 1, 2]) ledger.confirmed(number);
      expect(ledger.totals).toEqual({ published: 3, delivered: 6, redelivered: 2, confirmed: 3 });
    });
    expect(wrong).toEqual([]);
  });

  it("finds an acknowledged message that a consumer did not get", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 2);
      ledger.delivered("looping", 1, 11);
    });
    expect(wrong).toEqual(["message 1 is lost: its publish was acknowledged, the consumer confirming did not get it"]);
  });

  it("finds no loss if the publish was not acknowledged", () => {
    const findings = new Findings();
    const ledger = new Ledger(1, findings);
    ledger.next();
    expect([...findings.broken, ...ledger.missing]).toEqual([]);
  });

  it("finds a message that comes after its confirmed acknowledgement", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.confirmed(1);
      ledger.delivered("confirming", 1, 11);
    });
    expect(wrong).toEqual(["message 1 is delivered again, after the server confirmed its acknowledgement"]);
  });

  it("lets a killed server forget what it confirmed before, not after", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.confirmed(0);
      ledger.killed();
      ledger.confirmed(1);
      deliver(ledger, 0, 1);
    });
    expect(wrong).toEqual(["message 1 is delivered again, after the server confirmed its acknowledgement"]);
  });

  it("finds a message that is stored twice, and an answer to another", () => {
    const wrong = wrongAfter((ledger) => {
      deliver(ledger, 0, 1, 2);
      ledger.delivered("looping", 0, 20);
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
      ledger.delivered("looping", 7, 17);
    });
    expect(wrong).toEqual(["the consumer looping received message 7, which was never published"]);
  });
});
