// @ts-check
// SPDX-License-Identifier: Apache-2.0
import xterm from "@xterm/headless";

/**
 * A part of a line whose characters look the same.
 *
 * @typedef {{ text: string, column: number, color: number | undefined, isBold: boolean, isDim: boolean }} Run
 */

// Lines and columns of the terminal. It is wider than any picture, so that no line wraps.
const ROWS = 500;
const COLUMNS = 1000;

/**
 * Returns the lines that a terminal shows after this output, without the blank ones at the end.
 *
 * @param {string} output
 * @returns {Promise<Run[][]>}
 */
export async function readTerminal(output) {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, convertEol: true, allowProposedApi: true });
  await new Promise((written) => terminal.write(output, () => written(undefined)));
  const lines = Array.from({ length: ROWS }, (_, row) => readLine(terminal.buffer.active.getLine(row)));
  return lines.slice(0, lines.findLastIndex((line) => line.length > 0) + 1);
}

/**
 * @param {import("@xterm/headless").IBufferLine | undefined} line
 * @returns {Run[]}
 */
function readLine(line) {
  /** @type {Run[]} */
  const runs = [];
  const length = line?.translateToString(true).length ?? 0;
  for (let column = 0; column < length; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined) break;
    const color = cell.isFgPalette() ? cell.getFgColor() : undefined;
    const [isBold, isDim] = [cell.isBold() !== 0, cell.isDim() !== 0];
    const text = cell.getChars() || " ";
    const last = runs.at(-1);
    if (last?.color === color && last?.isBold === isBold && last?.isDim === isDim) last.text += text;
    else runs.push({ text, column, color, isBold, isDim });
  }
  return runs;
}
