// SPDX-License-Identifier: Apache-2.0
import type { Findings } from "../findings.ts";
import type { Link } from "./link.ts";
import type { Pending } from "./pending.ts";

/** What the workers share. */
export interface Books {
  readonly findings: Findings;
  readonly pending: Pending;
}

/** Work that a client does until it is stopped, whatever fails meanwhile. */
export interface Worker {
  readonly name: string;
  readonly link: Link;
  /** The number of operations that succeeded. */
  readonly done: number;
  /** Ends its work. Resolves after all that it began has ended. */
  stop(): Promise<void>;
}
