// SPDX-License-Identifier: Apache-2.0

/**
 * Splits what a server sent into frames, each a control line with its payload, and the unfinished rest.
 *
 * It shares nothing with the codec, which is part of what is compared.
 */
export function framesOf(text: string): { readonly frames: readonly string[]; readonly rest: string } {
  const frames: string[] = [];
  let at = 0;
  for (;;) {
    const lf = text.indexOf("\n", at);
    if (lf < 0) break;
    const size = /^H?MSG .* (\d+)\r\n$/.exec(text.slice(at, lf + 1))?.[1];
    const end = lf + 1 + (size === undefined ? 0 : Number(size) + 2);
    if (end > text.length) break;
    frames.push(text.slice(at, end));
    at = end;
  }
  return { frames, rest: text.slice(at) };
}
