// SPDX-License-Identifier: Apache-2.0
import { nearest } from "@natswire/codec";
import { Failure } from "../output.ts";
import { type Kind, object } from "./kinds.ts";

/** A key of a block: what its value is, and its other names. */
export interface Key<T> {
  readonly kind: Kind<T>;
  readonly aliases: readonly string[];
}

/** The keys of a block. */
export type Keys<T> = { readonly [Name in keyof T]-?: Key<NonNullable<T[Name]>> };

/** Keys that a block does not have although people write them there, and what is said of each. */
export type Refused = Readonly<Record<string, string>>;

/** Returns a key, with the other names that nats-server has for it. */
export function key<T>(kind: Kind<T>, ...aliases: readonly string[]): Key<T> {
  return { kind, aliases };
}

/**
 * Returns a kind that reads an object with these keys. As in nats-server, the case of a key does not matter.
 *
 * Its errors name a key that is unknown, refused, or given twice under different names.
 */
export function block<T>(keys: Keys<T>, refused: Refused = {}): Kind<T> {
  const table = new Map<string, Key<unknown>>(Object.entries(keys));
  const names = new Map([...table].flatMap(([name, { aliases }]) => [name, ...aliases].map((alias) => [alias, name])));
  return (value, path) => {
    const given = new Map<string, string>();
    const values: Record<string, unknown> = {};
    for (const [written, entry] of Object.entries(object(value, path || "the configuration"))) {
      const lower = written.toLowerCase();
      const at = path === "" ? written : `${path}.${written}`;
      if (Object.hasOwn(refused, lower)) throw new Failure(`${at} ${refused[lower]}`);
      const name = names.get(lower);
      if (name === undefined) {
        const meant = nearest(lower, [...names.keys(), ...Object.keys(refused)]);
        const advice =
          meant === undefined ? `the keys are ${[...table.keys()].join(", ")}` : `did you mean "${meant}"?`;
        throw new Failure(`unknown key ${at}; ${advice}`);
      }
      const twin = given.get(name);
      if (twin !== undefined) throw new Failure(`${at} is the same as ${twin}; remove one of them`);
      given.set(name, at);
      values[name] = table.get(name)?.kind(entry, at);
    }
    return values as T;
  };
}
