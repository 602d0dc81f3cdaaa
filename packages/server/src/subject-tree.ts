// SPDX-License-Identifier: Apache-2.0

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  readonly values = new Set<T>();
}

/** Subscriptions by pattern: finds those that match a subject, at a cost linear in its tokens. */
export class SubjectTree<T> {
  readonly #root = new Node<T>();

  /** Adds a value under a valid pattern. */
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

  /** Removes a value, and the nodes that become empty. */
  remove(pattern: string, value: T): void {
    // Not recursive: a pattern has as many tokens as fit in a line.
    const above: (readonly [parent: Node<T>, token: string])[] = [];
    let node = this.#root;
    for (const token of pattern.split(".")) {
      const child = node.children.get(token);
      if (child === undefined) return;
      above.push([node, token]);
      node = child;
    }
    node.values.delete(value);
    for (const [parent, token] of above.reverse()) {
      if (node.values.size > 0 || node.children.size > 0) return;
      parent.children.delete(token);
      node = parent;
    }
  }

  /** Calls `found` for each value whose pattern matches `subject`. A wildcard in the subject is an ordinary token. */
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
}
