// SPDX-License-Identifier: Apache-2.0

/** What shows that a law was broken, beside the law. */
export interface Evidence {
  /** What was expected and found, in lines of text. */
  readonly detail?: string;
  /** The part of the stream that differs: an operation, and a field or an error code. */
  readonly place?: string;
  /** The chunks that break the law, if another chunking does not. */
  readonly chunks?: readonly Uint8Array[] | undefined;
  /** The frames that a correct parser makes of the chunks, if that is the law. */
  readonly expected?: readonly object[];
}

/** Reports that a law was broken. Laws throw it, the fuzzer catches it. */
export class LawBroken extends Error {
  /** The law in one line of English. */
  readonly law: string;
  readonly evidence: Evidence;

  constructor(law: string, detail = "", evidence: Omit<Evidence, "detail"> = {}) {
    super([groupOf({ law, ...evidence }), detail].filter((part) => part !== "").join("\n"));
    this.law = law;
    this.evidence = { detail, ...evidence };
  }
}

/** An input that breaks a law. Findings with the same law and place are one group. */
export interface Finding extends Evidence {
  readonly law: string;
  readonly input: Uint8Array;
}

/** Returns the name of a finding's group: its law, and the place if there is one. */
export function groupOf({ law, place }: Pick<Finding, "law" | "place">): string {
  return place === undefined ? law : `${law} (${place})`;
}

/** Returns what an input made a law throw as a finding. */
export function findingFrom(error: unknown, input: Uint8Array): Finding {
  if (error instanceof LawBroken) return { law: error.law, ...error.evidence, input };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { law: "only typed errors are thrown", detail, input };
}

/** Reports that the thing under test cannot be fuzzed: it has the wrong shape, or cannot be loaded. */
export class UnusableTarget extends Error {}
