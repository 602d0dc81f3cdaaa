// SPDX-License-Identifier: Apache-2.0
import type { Stored } from "../stream/stored.ts";

/** What a stream knows of its consumers. */
export interface Consumer {
  readonly name: string;
  /** A message was stored. */
  stored(message: Stored): void;
  /** A message was removed: it is neither delivered nor acknowledged any more. */
  removed(message: Stored): void;
  /** Returns whether a message is still to be delivered or acknowledged. */
  needs(message: Stored): boolean;
  /** Messages were purged: every sequence below `first` is gone. */
  purged(first: number): void;
  /** The stream is deleted. */
  end(): void;
}
