// SPDX-License-Identifier: Apache-2.0
import ts from "typescript";

/**
 * Returns the full titles of the tests in a file: those of the `describe` around a test and its own, joined by ` > `. A title
 * with parameters has them as in the code.
 */
export function testTitles(code: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node, path: readonly string[]): void => {
    const title = ts.isCallExpression(node) ? titleOf(node) : undefined;
    const inner = title === undefined ? path : [...path, title];
    if (title !== undefined && ts.isCallExpression(node) && kindOf(node.expression) !== "describe") {
      titles.push(inner.join(" > "));
      return;
    }
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(ts.createSourceFile("test.ts", code, ts.ScriptTarget.Latest, true), []);
  return titles;
}

/** Returns the first argument of `describe`, `it`, `it.each(…)` and so on, or `undefined` for another call. */
function titleOf({ expression, arguments: [title] }: ts.CallExpression): string | undefined {
  if (title === undefined || !["describe", "it", "test"].includes(kindOf(expression))) return undefined;
  if (ts.isStringLiteralLike(title)) return title.text;
  return ts.isTemplateExpression(title) ? title.getText().slice(1, -1) : undefined;
}

/** Returns the first name of an expression: `it` of `it.each([1])`. */
function kindOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  const inner = (expression as Partial<ts.CallExpression>).expression;
  return inner === undefined ? "" : kindOf(inner);
}
