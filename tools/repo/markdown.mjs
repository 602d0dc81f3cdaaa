// @ts-check
// SPDX-License-Identifier: Apache-2.0

/** A link or an image: its text with the opening bracket, its target, and its heading. */
export const LINK = /(!?\[(?:[^\][]|\[[^\][]*\])*\]\()([^()\s#]*)(#[^()\s]*)?(?=\))/g;
/** The title of a page. */
export const TITLE = /^# (.*)$/m;
/** A block of code: its fence with its language, and the code. */
const FENCE = /^ *(`{3,}|~{3,})(.*)\n([\s\S]*?)^ *\1$/gm;

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
  return [...text.replaceAll(FENCE, "").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    // Of a link in a heading, only its text counts.
    slug(title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")),
  );
}

/** Changes a page outside its blocks of code. @param {string} text @param {(prose: string) => string} change */
export function changeProse(text, change) {
  let at = 0;
  let changed = "";
  for (const { index, 0: block } of text.matchAll(FENCE)) {
    changed += change(text.slice(at, index)) + block;
    at = index + block.length;
  }
  return changed + change(text.slice(at));
}
