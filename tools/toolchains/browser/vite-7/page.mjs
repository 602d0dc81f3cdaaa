// SPDX-License-Identifier: Apache-2.0
const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => document.body.append(data);
worker.postMessage(new URLSearchParams(location.search).get("server"));
