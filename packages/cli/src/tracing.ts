// SPDX-License-Identifier: Apache-2.0
import type { Listen } from "@natswire/io";
import { type Audience, Conversation } from "./conversation.ts";

/**
 * Makes doors of one server tell of all that is said there, in plain text also where the wire is encrypted. They listen as
 * they did.
 */
export function tracing(audience: Audience): (listen: Listen) => Listen {
  const began = performance.now();
  let last = 0;
  return (listen) => (at, accept) =>
    listen(at, (transport) => {
      const conversation = new Conversation(++last, [audience], () => performance.now() - began);
      const handler = accept({
        ...transport,
        write(bytes, more) {
          conversation.hear("server", bytes);
          return transport.write(bytes, more);
        },
      });
      return {
        ...handler,
        open() {
          conversation.event("opened");
          handler.open();
        },
        data(chunk) {
          conversation.hear("client", chunk);
          handler.data(chunk);
        },
        close(error) {
          conversation.event("closed", error?.message);
          handler.close(error);
        },
      };
    });
}
