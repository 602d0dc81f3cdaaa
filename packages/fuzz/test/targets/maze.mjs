// SPDX-License-Identifier: Apache-2.0
/** Throws for one input only. @param {Uint8Array} bytes */
export default function maze(bytes) {
  if (bytes[0] === 77) {
    if (bytes[1] === 83) {
      if (bytes[2] === 71) {
        if (bytes[3] === 32) {
          if (bytes[4] === 57) throw new Error("out");
        }
      }
    }
  }
}
