// SPDX-License-Identifier: Apache-2.0
import { fromLatin1 } from "./latin1.ts";

/** Text that arrives in pieces and that a test takes piece by piece, one character a byte. */
export class IncomingText {
  /** What arrived and was not taken. */
  text = "";
  #isClosed = false;
  #onChange: () => void = () => {};

  /** Adds bytes that arrived. */
  add(bytes: Uint8Array): void {
    this.text += fromLatin1(bytes);
    this.#onChange();
  }

  /** Ends the text: the connection is closed. */
  close(): void {
    this.#isClosed = true;
    this.#onChange();
  }

  /**
   * Resolves to everything up to and including `end`, and takes it.
   *
   * @throws Error if the connection is closed before that
   */
  until(end: string): Promise<string> {
    // Where to continue searching, so that many pieces are not searched again for each new one.
    let from = 0;
    return new Promise((resolve, reject) => {
      this.#onChange = () => {
        const at = this.text.indexOf(end, from);
        from = Math.max(0, this.text.length - end.length);
        if (at < 0 && !this.#isClosed) return;
        this.#onChange = () => {};
        if (at < 0)
          return reject(new Error(`no ${JSON.stringify(end)} before the close in ${JSON.stringify(this.text)}`));
        const taken = this.text.slice(0, at + end.length);
        this.text = this.text.slice(at + end.length);
        resolve(taken);
      };
      this.#onChange();
    });
  }
}
