// SPDX-License-Identifier: Apache-2.0
import { isSubject, matches } from "@natswire/codec";
import type { EmbeddedServer } from "../embedded-server.ts";
import { checkParameters, flag, type PageOptions, type Parameter, pageOf, wholeNumber } from "./query.ts";
import { detailOf, openEntries, type Source, type SubscriptionDetail } from "./snapshot.ts";

/** The subscriptions of all accounts, as `/subsz` of nats-server describes them. */
export interface Subsz {
  readonly server_id: string;
  readonly now: string;
  readonly num_subscriptions: number;
  /** How many subjects have their receivers in a cache. */
  readonly num_cache: number;
  /** Subscriptions that were ever added. */
  readonly num_inserts: number;
  /** Subscriptions that were removed. */
  readonly num_removes: number;
  /** How often the receivers of a subject were looked up. */
  readonly num_matches: number;
  /** Which part of these look-ups the cache answered, from 0 to 1. */
  readonly cache_hit_rate: number;
  /** The largest number of subscriptions that match a subject of the cache. */
  readonly max_fanout: number;
  /** The average of these numbers. */
  readonly avg_fanout: number;
  /** How many subscriptions match the options; 0 without `subs`. */
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  /** Only with `subs`, and if it is not empty. */
  readonly subscriptions_list?: readonly SubscriptionDetail[] | undefined;
}

/** Options of `subsz`, which have the names of `/subsz` of nats-server. */
export interface SubszOptions extends PageOptions {
  /** Whether to list the subscriptions; false by default. */
  readonly subs?: boolean | undefined;
  /** Lists only the subscriptions that receive messages on this subject. */
  readonly test?: string | undefined;
  /** How many subscriptions to skip; 0 by default. */
  readonly offset?: number | undefined;
  /** How many subscriptions to list at most; 1,024 by default. */
  readonly limit?: number | undefined;
}

/** The options of `subsz`, by name. */
export const subszParameters: Readonly<Record<keyof SubszOptions, Parameter>> = {
  subs: flag,
  test: {
    wanted: "a subject without wildcards",
    accepts: (value) => typeof value === "string" && isSubject(value),
    parse: (subject) => subject,
  },
  offset: wholeNumber,
  limit: wholeNumber,
};

/**
 * Returns the statistics of the subscriptions, and with `subs` a page of them.
 *
 * @throws UsageError BAD_FIELD if an option is unknown or not valid
 */
export function subsz({ server, date }: Source, options: SubszOptions): Subsz {
  checkParameters(options, subszParameters, "subsz");
  const { driver } = server;
  const { inserts, removes, matches: lookUps, hits, cached } = driver.core.view.interest;
  const { offset, limit } = pageOf(options);
  const found = options.subs === true ? listed(server, options.test) : [];
  const page = found.slice(offset, offset + limit);
  return {
    server_id: driver.core.view.info.server_id,
    now: date(driver.now()),
    num_subscriptions: inserts - removes,
    num_cache: cached.length,
    num_inserts: inserts,
    num_removes: removes,
    num_matches: lookUps,
    cache_hit_rate: hits / Math.max(1, lookUps),
    max_fanout: cached.reduce((most, count) => Math.max(most, count), 0),
    avg_fanout: cached.reduce((sum, count) => sum + count, 0) / Math.max(1, cached.length),
    total: found.length,
    offset,
    limit,
    subscriptions_list: page.length > 0 ? page : undefined,
  };
}

/** Returns the subscriptions of the program, and then those of the connections, the oldest first. */
function listed(server: EmbeddedServer, test: string | undefined): SubscriptionDetail[] {
  const own = server.driver.core.view.subscriptions.map((one) => detailOf(one, PROGRAM, "$G"));
  const others = openEntries(server).flatMap(({ info }) =>
    info.subscriptions.map((one) => detailOf(one, info.id, info.account)),
  );
  return [...own, ...others].filter(({ subject }) => test === undefined || matches(subject, test));
}

// The number of no connection.
const PROGRAM = 0;
