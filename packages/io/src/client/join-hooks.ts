// SPDX-License-Identifier: Apache-2.0
import type { ConnectionHooks } from "./connection-hooks.ts";
import { checkHooks } from "./hook-calls.ts";

/**
 * Returns hooks that run `inner` inside `outer`.
 *
 * @throws UsageError BAD_FIELD if `inner` is not an object of known functions
 */
export function joinHooks(
  outer: ConnectionHooks | undefined,
  inner: ConnectionHooks | undefined,
): ConnectionHooks | undefined {
  checkHooks(inner);
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return {
    get publish() {
      return nested(outer.publish, inner.publish);
    },
    get request() {
      return nested(outer.request, inner.request);
    },
    get deliver() {
      return nested(outer.deliver, inner.deliver);
    },
    status(change) {
      outer.status?.(change);
      inner.status?.(change);
    },
  };
}

type Hook<Subject, Result> = (subject: Subject, next: () => Result) => unknown;

function nested<Subject, Result>(
  outer: Hook<Subject, Result> | undefined,
  inner: Hook<Subject, Result> | undefined,
): Hook<Subject, Result> | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return (subject, next) => outer(subject, () => inner(subject, next) as Result);
}
