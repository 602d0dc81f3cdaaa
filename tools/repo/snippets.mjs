// @ts-check
// The code in pages, and what it prints.

/**
 * Returns the code of each block of a language, in order.
 *
 * @param {string} page the text of the page
 * @param {string} language the word after the fence, for example `js`
 * @returns {string[]}
 */
export function snippetsIn(page, language) {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code);
}

/** Returns a program as a page quotes it: without the comments at its head. @param {string} source */
export function withoutHead(source) {
  return source.replace(/^(\/\/.*\n)+/, "");
}

/** Returns what a snippet prints: the comments after its calls of `console.log`, one line each. @param {string} code */
export function printedBy(code) {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join("");
}
