// SPDX-License-Identifier: Apache-2.0

class Branch<T> {
  readonly children = new Map<string, Branch<T>>();
  readonly here = new Set<T>();
}

/** Who is interested in which subjects: wildcard patterns in, subscriptions out, at a cost linear in tokens. */
export class SubjectTree<T> {
  readonly #root = new Branch<T>();

  /** Adds a subscription under a valid pattern. */
  insert(pattern: string, value: T): void {
    let branch = this.#root;
    for (const token of pattern.split(".")) {
      let child = branch.children.get(token);
      if (child === undefined) {
        child = new Branch<T>();
        branch.children.set(token, child);
      }
      branch = child;
    }
    branch.here.add(value);
  }

  /** Removes what `insert` added, with the branches that nobody needs any more. */
  remove(pattern: string, value: T): void {
    this.#prune(this.#root, pattern.split("."), 0, value);
  }

  /** Calls `found` for each subscription that receives what is published to `subject`, wildcard tokens literal. */
  match(subject: string, found: (value: T) => void): void {
    const tokens = subject.split(".");
    let level: Branch<T>[] = [this.#root];
    for (const token of tokens) {
      const next: Branch<T>[] = [];
      for (const branch of level) {
        for (const value of branch.children.get(">")?.here ?? []) found(value);
        const wild = branch.children.get("*");
        if (wild !== undefined) next.push(wild);
        const literal = token === "*" || token === ">" ? undefined : branch.children.get(token);
        if (literal !== undefined) next.push(literal);
      }
      level = next;
    }
    for (const branch of level) for (const value of branch.here) found(value);
  }

  #prune(branch: Branch<T>, tokens: readonly string[], depth: number, value: T): void {
    const token = tokens[depth];
    if (token === undefined) {
      branch.here.delete(value);
      return;
    }
    const child = branch.children.get(token);
    if (child === undefined) return;
    this.#prune(child, tokens, depth + 1, value);
    if (child.here.size === 0 && child.children.size === 0) branch.children.delete(token);
  }
}
