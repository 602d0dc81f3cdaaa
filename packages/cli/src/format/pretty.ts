// SPDX-License-Identifier: Apache-2.0
import { visible } from "./format.ts";

const TOKEN = /"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|\s+/g;

/** Returns JSON on several indented lines, its numbers unchanged; `undefined` if the text is not an object or array of JSON. */
export function prettyJson(text: string, indent: string): string | undefined {
  if (!/^\s*[[{]/.test(text) || !isJson(text)) return undefined;
  let level = 0;
  const line = (): string => `\n${indent}${"  ".repeat(level)}`;
  const lines = text.trim().replace(TOKEN, (token) => {
    if (token.startsWith('"')) return visible(token);
    if (/^\s/.test(token)) return "";
    if (token === ",") return `,${line()}`;
    if (token === ":") return ": ";
    if (token.length > 1) return token.replace(/\s/g, "");
    if (token === "{" || token === "[") level++;
    else level--;
    return token === "{" || token === "[" ? `${token}${line()}` : `${line()}${token}`;
  });
  return `${indent}${lines}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
