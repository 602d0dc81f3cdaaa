// SPDX-License-Identifier: Apache-2.0
// A NATS client in a web page. Build: npx esbuild page.mjs --bundle --minify --format=esm --outfile=page.js
// The server needs a WebSocket port: websocket { port: 8080, no_tls: true }. Then open index.html?server=ws://127.0.0.1:8080
import { connect } from "@natswire/websocket";

const servers =
  new URLSearchParams(location.search).get("server") ?? "ws://127.0.0.1:8080";
const client = await connect({ servers, waitOnFirstConnect: true });

/** @param {string} state */
function show(state) {
  const status = /** @type {HTMLOutputElement} */ (document.querySelector("#status"));
  status.value = status.dataset["is"] = state;
}

show("connected");
client.onStatus(({ type }) => {
  if (type === "reconnecting") show("reconnecting");
  if (type === "reconnect") show("connected");
  if (type === "close") show("closed");
});

/** Calls back with the fields of a submitted form. @param {string} id @param {(fields: Record<string, string>) => void} then */
function on(id, then) {
  const form = /** @type {HTMLFormElement} */ (document.querySelector(id));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    then(
      /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form))),
    );
  });
}

/** @type {import("@natswire/websocket").Subscription | undefined} */
let subscription;
on("#subscribe", ({ subject = "" }) => {
  subscription?.unsubscribe();
  subscription = client.subscribe(subject, {
    callback(message) {
      const line = document.createElement("li");
      // As text, never as HTML: any client can publish.
      line.textContent = `${message.subject}: ${message.text()}`;
      document.querySelector("#messages")?.append(line);
    },
  });
});
on("#publish", ({ subject = "", payload = "" }) => client.publish(subject, payload));
