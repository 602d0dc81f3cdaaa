// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import { type ApiErrorBody, ApiFailure } from "../api/api-failure.ts";
import { sourceKey } from "./check-sources.ts";
import type { Filter } from "./filter.ts";
import { readHeaders, withHeaders, withoutHeaders } from "./header-block.ts";
import { readTtl } from "./message-ttl.ts";
import type { Stored } from "./stored.ts";
import type { Stream } from "./stream.ts";
import type { SourceConfig, StreamConfig, TransformConfig } from "./stream-config.ts";
import { subjectTransform, transformed } from "./subject-transform.ts";

/** What STREAM.INFO says about a mirror or a source. */
export interface CopierInfo {
  readonly name: string;
  readonly lag: number;
  /** Nanoseconds since the origin was last read; -1 if there is no origin. */
  readonly active: number;
  readonly error?: ApiErrorBody;
  readonly filter_subject?: string;
  readonly subject_transforms?: readonly TransformConfig[];
}

/** Copies the messages of one stream to another, in order: a mirror keeps their sequences, a source does not. */
export class Copier {
  readonly config: SourceConfig;
  /** Identifies a source. */
  readonly key: string;
  readonly #target: Stream;
  readonly #isMirror: boolean;
  readonly #filter: Filter;
  readonly #transforms: readonly ReturnType<typeof subjectTransform>[];
  #origin: Stream | undefined;
  /** The next sequence to copy; 0 before the first origin. */
  next = 0;
  #isCopying = false;
  #activeAt: Millis = 0;

  constructor(target: Stream, config: SourceConfig, isMirror: boolean) {
    this.#target = target;
    this.config = config;
    this.key = sourceKey(config);
    this.#isMirror = isMirror;
    const transforms = config.subject_transforms ?? [];
    const filters = transforms.length === 0 ? [config.filter_subject ?? ""] : transforms.map(({ src }) => src ?? "");
    this.#filter = filters.some((filter) => filter === "" || filter === ">") ? [] : filters;
    this.#transforms = transforms.map(({ src = "", dest = "" }) => subjectTransform({ src, dest }));
  }

  get info(): CopierInfo {
    const { name, filter_subject: filter, subject_transforms: transforms } = this.config;
    const origin = this.#origin;
    return {
      name,
      lag: origin === undefined ? 0 : origin.store.pending(this.#filter, this.next),
      active: origin === undefined ? -1 : Math.round((this.#target.account.engine.now - this.#activeAt) * 1_000_000),
      ...(origin === undefined ? { error: new ApiFailure("JSStreamNotFound").body } : {}),
      ...(filter ? { filter_subject: filter } : {}),
      ...(transforms?.length ? { subject_transforms: transforms } : {}),
    };
  }

  /** Begins to copy from a stream, or stops without one. */
  attach(origin: Stream | undefined): void {
    this.#origin?.readers.delete(this);
    this.#origin = origin;
    if (origin === undefined) return;
    origin.readers.add(this);
    this.next ||= this.#startIn(origin);
    this.copy();
  }

  /** Returns whether a message of the origin is still to be copied. */
  needs(sequence: number): boolean {
    return sequence >= this.next;
  }

  /** Copies what is not copied yet. Stops at a message that the target cannot store now. */
  copy(): void {
    const origin = this.#origin;
    // Storing a message may remove others, which calls this again.
    if (origin === undefined || this.#isCopying) return;
    this.#isCopying = true;
    this.#activeAt = this.#target.account.engine.now;
    try {
      for (;;) {
        const message = origin.store.next(this.#filter, this.next);
        if (message === undefined || !this.#store(message)) break;
        this.next = message.sequence + 1;
        if (origin.config.retention !== "limits") origin.acknowledged(undefined, message.sequence);
      }
    } finally {
      this.#isCopying = false;
    }
  }

  #startIn(origin: Stream): number {
    const { opt_start_seq: sequence = 0, opt_start_time: time } = this.config;
    if (sequence > 0) return sequence;
    return time === undefined ? 1 : origin.store.sequenceAt(time);
  }

  /** Stores a copy. Returns whether the next message may follow. */
  #store(message: Stored): boolean {
    const subject = transformed(this.#transforms, message.subject);
    const headers = this.#isMirror ? message.headers : this.#sourceHeaders(message);
    const known = message.headers && readHeaders(message.headers);
    const rollup = known?.get("Nats-Rollup")?.toLowerCase();
    const options = {
      msgId: this.#isMirror ? "" : (known?.get("Nats-Msg-Id") ?? ""),
      rollup: rollup === "sub" || rollup === "all" ? rollup : undefined,
      ttl: readTtl(known?.get("Nats-TTL")) ?? 0,
    } as const;
    try {
      this.#target.copied(
        { subject, headers, payload: message.payload },
        options,
        this.#isMirror ? message : undefined,
      );
      return true;
    } catch (error) {
      if (error instanceof ApiFailure) return false;
      throw error;
    }
  }

  #sourceHeaders({ headers, sequence }: Stored): Uint8Array {
    const kept =
      headers && withoutHeaders(headers, (name) => name === "Nats-Stream-Source" || name.startsWith("Nats-Expected-"));
    const [name = "", ...rest] = this.key.split(" ");
    return withHeaders(kept, `Nats-Stream-Source: ${[name, sequence, ...rest].join(" ")}\r\n`);
  }
}

/** Returns what copies to a stream: copiers that it has and that are still configured, and new ones. */
export function copiersFor(target: Stream, config: StreamConfig, before: readonly Copier[]): readonly Copier[] {
  const { mirror, sources = [] } = config;
  const old = new Map(before.map((copier) => [copier.key, copier]));
  const copiers = (mirror === undefined ? sources : [mirror]).map((source) => {
    const added = new Copier(target, source, mirror !== undefined);
    const kept = old.get(added.key);
    old.delete(added.key);
    return kept ?? added;
  });
  for (const copier of old.values()) copier.attach(undefined);
  return copiers;
}

/** Copies what did not fit before: a stream has room again. */
export function copyAll(copiers: readonly Copier[]): void {
  for (const copier of copiers) copier.copy();
}
