// @ts-check
// SPDX-License-Identifier: Apache-2.0

/** The title of a page. */
export const TITLE = /^# (.*)$/m;
const BLOCK = /^ *(?<fence>`{3,}|~{3,})[\s\S]*?^ *\k<fence>$/m;
const SPAN = /(?<!`)(?<ticks>`+)(?!`)[^\n]*?[^`]\k<ticks>(?!`)/;
/** A link or an image: the text and the bracket before its target, the target, and its heading. */
const LINK = /(!?\[(?:[^\][]|\[[^\][]*\])*\]\()([^()\s#]*)(#[^()\s]*)?(?=\))/;
const CODE_OR_LINK = new RegExp([BLOCK, SPAN, LINK].map(({ source }) => source).join("|"), "gm");

/** Returns the id of a heading, as GitHub makes it; of several equal ones, the first. @param {string} heading */
export function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** Returns the ids of a page's headings. @param {string} text */
export function headings(text) {
  return [...text.replaceAll(new RegExp(BLOCK, "gm"), "").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    // Of a link in a heading, only its text counts.
    slug(title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")),
  );
}

/**
 * Changes the links and images of a page, except in code.
 *
 * @param {string} text
 * @param {(target: string, heading: string) => string} change gets the path or URL, and the heading with its `#` or ""
 */
export function changeLinks(text, change) {
  return text.replaceAll(CODE_OR_LINK, (all, _block, _span, before, target, heading = "") =>
    before === undefined ? all : before + change(target, heading),
  );
}
