// SPDX-License-Identifier: Apache-2.0
import { credsAuthenticator, nkeyAuthenticator } from "@natswire/io";
import { during, errorOf, fails, talks } from "./checks.ts";
import type { Cases } from "./environment.ts";

/** Who is let in, and what is kept from others. */
export const doors: Cases = {
  "is let in by name and password, and not by a wrong one": async (on) => {
    const { url: servers, user, pass } = on.doors.user;
    await during(on, talks, { servers, user, pass });
    await during(on, talks, { servers: servers.replace("://", `://${user}:${pass}@`) });
    await fails(on.connect({ servers, user, pass: "wrong", reconnect: false }), "AUTH");
  },

  "is let in by a token": (on) => during(on, talks, { servers: on.doors.token.url, token: on.doors.token.token }),

  "is let in by the signature of its key": (on) =>
    during(on, talks, { servers: on.doors.nkey.url, authenticator: nkeyAuthenticator(on.doors.nkey.seed) }),

  "is let in by a JWT and the signature of its user's key": (on) =>
    during(on, talks, { servers: on.doors.jwt.url, authenticator: credsAuthenticator(on.doors.jwt.creds) }),

  "speaks TLS": (on) => during(on, talks, { servers: on.secure.url, tls: { ca: on.secure.ca } }),

  "speaks TLS from the first byte": (on) =>
    during(on, talks, { servers: on.secure.first, tls: { ca: on.secure.ca }, handshakeFirst: true }),

  "speaks TLS with a certificate of its own": (on) => {
    const { strict: servers, ca, cert, key } = on.secure;
    return during(on, talks, { servers, reconnect: false, tls: { ca, cert, key } });
  },

  "does not speak to a server whose certificate nobody vouches for": async (on) => {
    await errorOf(on.connect({ servers: on.secure.strange, reconnect: false, tls: { ca: on.secure.ca } }));
  },

  "says that it was the certificate": (on) =>
    fails(on.connect({ servers: on.secure.strange, reconnect: false, tls: { ca: on.secure.ca } }), "TLS"),
};
