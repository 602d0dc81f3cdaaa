// @ts-check
// SPDX-License-Identifier: Apache-2.0

/** @typedef {import("./terminal.mjs").Run} Run */

const FONT_SIZE = 13;
const LINE_HEIGHT = 18;
// Every character gets this width, whatever font the reader has.
const CHARACTER_WIDTH = 7.8;
const PADDING = 16;

// Colours in a light and in a dark scheme.
const background = ["#ffffff", "#0d1117"];
const foreground = ["#1f2328", "#e6edf3"];
const border = ["#d0d7de", "#3d444d"];
/** Those of a terminal, by number. @type {Readonly<Record<number, readonly [string, string]>>} */
const palette = {
  1: ["#cf222e", "#ff7b72"],
  2: ["#1a7f37", "#3fb950"],
  3: ["#8a5300", "#e3b341"],
  6: ["#0969a2", "#56d4dd"],
};

/**
 * Draws lines of a terminal as SVG, in the colours of the reader's scheme: light or dark.
 *
 * @param {readonly Run[][]} lines
 * @param {number} columns longer lines are cut and end with …
 * @param {string} title
 */
export function drawSvg(lines, columns, title) {
  const [width, height] = [columns * CHARACTER_WIDTH + 2 * PADDING, lines.length * LINE_HEIGHT + 2 * PADDING];
  const texts = lines.flatMap((line, row) => {
    const y = PADDING + row * LINE_HEIGHT + FONT_SIZE;
    return cut(line, columns)
      .flatMap(withoutBlanks)
      .map((run) => drawRun(run, y));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escapeXml(title)}</title>
<style>
text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;white-space:pre}
.b{font-weight:700}.d{opacity:.65}
${scheme(0)}
@media(prefers-color-scheme:dark){
${scheme(1)}
}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${texts.join("\n")}
</svg>
`;
}

/** @param {0 | 1} index */
function scheme(index) {
  const colors = Object.entries(palette).map(([number, pair]) => `.c${number}{fill:${pair[index]}}`);
  return `rect{fill:${background[index]};stroke:${border[index]}}text{fill:${foreground[index]}}${colors.join("")}`;
}

/** @param {readonly Run[]} line @param {number} columns @returns {Run[]} */
function cut(line, columns) {
  const end = line.reduce((end, { column, text }) => Math.max(end, column + text.length), 0);
  if (end <= columns) return [...line];
  const kept = line
    .filter(({ column }) => column < columns - 1)
    .map((run) => ({ ...run, text: run.text.slice(0, columns - 1 - run.column) }));
  const last = kept.at(-1);
  if (last !== undefined) last.text += "…";
  return kept;
}

/** Returns a run without the blanks around its words, which need no drawing. @param {Run} run @returns {Run[]} */
function withoutBlanks(run) {
  const text = run.text.trim();
  return text === "" ? [] : [{ ...run, text, column: run.column + run.text.indexOf(text) }];
}

/** @param {Run} run @param {number} y */
function drawRun({ text, column, color, isBold, isDim }, y) {
  const names = [...(isBold ? ["b"] : []), ...(isDim ? ["d"] : []), ...(color === undefined ? [] : [`c${color}`])];
  const style = names.length === 0 ? "" : ` class="${names.join(" ")}"`;
  const x = rounded(PADDING + column * CHARACTER_WIDTH);
  const length = rounded(text.length * CHARACTER_WIDTH);
  return `<text x="${x}" y="${y}" textLength="${length}"${style}>${escapeXml(text)}</text>`;
}

/** @param {string} text */
function escapeXml(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toFixed(1));
}
