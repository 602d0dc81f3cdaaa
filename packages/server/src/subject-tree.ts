// SPDX-License-Identifier: Apache-2.0

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  readonly values = new Set<T>();
}

/** Who is interested in which subjects: wildcard patterns in, subscriptions out, at a cost linear in tokens. */
export class SubjectTree<T> {
  readonly #root = new Node<T>();

  /** Adds a subscription under a valid pattern. */
  insert(pattern: string, value: T): void {
    let node = this.#root;
    for (const token of pattern.split(".")) {
      let child = node.children.get(token);
      if (child === undefined) {
        child = new Node<T>();
        node.children.set(token, child);
      }
      node = child;
    }
    node.values.add(value);
  }

  /** Removes what `insert` added, with the branches that nobody needs any more. */
  remove(pattern: string, value: T): void {
    this.#prune(this.#root, pattern.split("."), 0, value);
  }

  /** Calls `found` for each subscription that receives what is published to `subject`, wildcard tokens literal. */
  match(subject: string, found: (value: T) => void): void {
    const tokens = subject.split(".");
    let level: Node<T>[] = [this.#root];
    for (const token of tokens) {
      const next: Node<T>[] = [];
      for (const node of level) {
        for (const value of node.children.get(">")?.values ?? []) found(value);
        const wild = node.children.get("*");
        if (wild !== undefined) next.push(wild);
        const literal = token === "*" || token === ">" ? undefined : node.children.get(token);
        if (literal !== undefined) next.push(literal);
      }
      level = next;
    }
    for (const node of level) for (const value of node.values) found(value);
  }

  #prune(node: Node<T>, tokens: readonly string[], depth: number, value: T): void {
    const token = tokens[depth];
    if (token === undefined) {
      node.values.delete(value);
      return;
    }
    const child = node.children.get(token);
    if (child === undefined) return;
    this.#prune(child, tokens, depth + 1, value);
    if (child.values.size === 0 && child.children.size === 0) node.children.delete(token);
  }
}
