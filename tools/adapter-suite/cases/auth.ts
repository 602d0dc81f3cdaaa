// SPDX-License-Identifier: Apache-2.0
import { credsAuthenticator, nkeyAuthenticator } from "@natswire/io";
import { errorOf, rejects, roundTrip, withConnection } from "./checks.ts";
import type { Cases } from "./environment.ts";

/** Authentication and TLS. */
export const auth: Cases = {
  "authenticates with user and password, and reports a wrong one": async (on) => {
    const { url: servers, user, pass } = on.auth.user;
    await withConnection(on, roundTrip, { servers, user, pass });
    await withConnection(on, roundTrip, { servers: servers.replace("://", `://${user}:${pass}@`) });
    await rejects(on.connect({ servers, user, pass: "wrong", reconnect: false }), "AUTH");
  },

  "authenticates with a token": (on) =>
    withConnection(on, roundTrip, { servers: on.auth.token.url, token: on.auth.token.token }),

  "authenticates with an nkey": (on) => {
    const { url: servers, seed } = on.auth.nkey;
    return withConnection(on, roundTrip, { servers, authenticator: nkeyAuthenticator(seed) });
  },

  "authenticates with a JWT and its user's nkey": (on) => {
    const { url: servers, creds } = on.auth.jwt;
    return withConnection(on, roundTrip, { servers, authenticator: credsAuthenticator(creds) });
  },

  "uses TLS": (on) => withConnection(on, roundTrip, { servers: on.tls.url, tls: { ca: on.tls.ca } }),

  "uses TLS from the first byte (handshakeFirst)": (on) => {
    const { handshakeFirst: servers, ca } = on.tls;
    return withConnection(on, roundTrip, { servers, tls: { ca }, handshakeFirst: true });
  },

  "sends a client certificate": (on) => {
    const { verify: servers, ca, cert, key } = on.tls;
    return withConnection(on, roundTrip, { servers, reconnect: false, tls: { ca, cert, key } });
  },

  "rejects an untrusted certificate": async (on) => {
    await errorOf(on.connect({ servers: on.tls.untrusted, reconnect: false, tls: { ca: on.tls.ca } }));
  },

  "rejects a certificate of another host": async (on) => {
    await errorOf(on.connect({ servers: on.tls.otherHost, reconnect: false, tls: { ca: on.tls.ca } }));
  },

  "reports an untrusted certificate as a TLS error": (on) =>
    rejects(on.connect({ servers: on.tls.untrusted, reconnect: false, tls: { ca: on.tls.ca } }), "TLS"),
};
