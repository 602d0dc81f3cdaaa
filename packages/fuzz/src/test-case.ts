// SPDX-License-Identifier: Apache-2.0
import { laws } from "./difference.ts";
import { type Finding, groupOf } from "./finding.ts";
import { chunksOf, literal } from "./format.ts";

/** Returns a test file for vitest that fails while a parser has one of the findings. `module` is what it imports. */
export function testFile(findings: readonly Finding[], module: string): string {
  return [
    'import { expect, it } from "vitest";',
    `import parse from ${JSON.stringify(module)};`,
    "",
    'const bytes = (text) => new Uint8Array(Buffer.from(text, "latin1"));',
    ...findings.flatMap((finding) => ["", ...testCase(finding)]),
  ].join("\n");
}

function testCase(finding: Finding): string[] {
  return [
    `it(${JSON.stringify(groupOf(finding))}, async () => {`,
    `  const chunks = [${chunksOf(finding).map(literal).join(", ")}].map(bytes);`,
    ...expectations(finding).map((line) => `  ${line}`),
    "});",
  ];
}

function expectations({ law, expected }: Finding): string[] {
  switch (law) {
    case laws.chunks:
      return [
        "const whole = await parse([new Uint8Array(Buffer.concat(chunks))]);",
        "const pieces = await parse(chunks);",
        "expect(pieces.frames).toEqual(whole.frames);",
        "expect(Boolean(pieces.error)).toBe(Boolean(whole.error));",
      ];
    case laws.rejected:
      return ["expect((await parse(chunks)).error ?? undefined).toBeDefined();"];
    case laws.accepted:
      return ["expect((await parse(chunks)).error ?? undefined).toBeUndefined();"];
    case laws.decoded:
    case laws.before: {
      const frames = (expected ?? []).map((frame) => `  ${sourceOf(frame)},`);
      return ["expect((await parse(chunks)).frames).toMatchObject([", ...frames, "]);"];
    }
    default:
      return ["await parse(chunks);"];
  }
}

/** Returns the source of a plain value with bytes in it. */
function sourceOf(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${literal(value)})`;
  if (Array.isArray(value)) return `[${value.map(sourceOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${keyOf(name)}: ${sourceOf(field)}`);
  return `{ ${fields.join(", ")} }`;
}

function keyOf(name: string): string {
  // `__proto__: x` in a literal would set the prototype.
  return /^[A-Za-z]\w*$/.test(name) ? name : `[${JSON.stringify(name)}]`;
}
