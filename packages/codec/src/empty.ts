// SPDX-License-Identifier: Apache-2.0

/** No bytes. Every empty payload is this object. */
export const EMPTY: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(0);

/** A view of no bytes, for where a `DataView` is not needed yet. */
export const EMPTY_VIEW: DataView = /* @__PURE__ */ new DataView(EMPTY.buffer);
