// SPDX-License-Identifier: Apache-2.0
import type { MessageData } from "./outputs.ts";
import { sizeOf } from "./subscription.ts";

/** Counts messages, and the bytes of their headers and payloads. */
export class Totals {
  published = 0;
  publishedBytes = 0;
  delivered = 0;
  deliveredBytes = 0;

  /**
   * Counts a message, and returns its deliveries.
   *
   * @param delivered how many subscriptions received it; `undefined` if it was rejected
   */
  count<T extends number | undefined>(message: MessageData, delivered: T): T {
    if (delivered === undefined) return delivered;
    const bytes = sizeOf(message.headers, message.payload);
    this.published++;
    this.publishedBytes += bytes;
    this.delivered += delivered;
    this.deliveredBytes += bytes * delivered;
    return delivered;
  }

  /** Counts only the deliveries of a message: a module published it. */
  deliver({ headers, payload }: MessageData, delivered: number): void {
    this.delivered += delivered;
    this.deliveredBytes += sizeOf(headers, payload) * delivered;
  }

  /** Takes a delivery out of what is counted: a module received it, which no client sees. */
  exclude(message: MessageData): void {
    this.deliver(message, -1);
  }
}
