// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { base64urlnopad } from "@scure/base";
import type { Authenticator } from "../client/connection-options.ts";
import { decoder, encoder } from "../platform.ts";
import { publicKeyOf, signWith } from "./ed25519.ts";
import { decodeSeed, encodePublicKey } from "./nkeys.ts";

/**
 * Says a name and a password.
 *
 * @param pass may be asked for anew at each connection
 */
export function usernamePasswordAuthenticator(user: string, pass: string | (() => string)): Authenticator {
  return () => ({ user, pass: typeof pass === "string" ? pass : pass() });
}

/**
 * Says a token.
 *
 * @param token may be asked for anew at each connection
 */
export function tokenAuthenticator(token: string | (() => string)): Authenticator {
  return () => ({ auth_token: typeof token === "string" ? token : token() });
}

/**
 * Signs what the server asks with the key of a seed, `SU…`.
 *
 * @throws UsageError BAD_FIELD where it is no user's seed; the seed is in no error
 */
export function nkeyAuthenticator(seed: string | Uint8Array): Authenticator {
  const key = userSeed(seed);
  return async (nonce) => {
    return { nkey: encodePublicKey("user", await publicKeyOf(key)), sig: await signed(key, nonce) };
  };
}

/**
 * Shows a JWT, and signs what the server asks with its user's seed; a bearer's JWT needs none.
 *
 * @throws UsageError BAD_FIELD where the seed is no user's
 */
export function jwtAuthenticator(jwt: string | (() => string), seed?: string | Uint8Array): Authenticator {
  const key = seed === undefined ? undefined : userSeed(seed);
  return async (nonce) => {
    const shown = typeof jwt === "string" ? jwt : jwt();
    return key === undefined ? { jwt: shown } : { jwt: shown, sig: await signed(key, nonce) };
  };
}

/**
 * Shows the JWT of a `.creds` file and signs with the seed in it.
 *
 * @throws UsageError BAD_FIELD where the text has not both
 */
export function credsAuthenticator(creds: string | Uint8Array): Authenticator {
  const [jwt = "", seed] = [...textOf(creds).matchAll(BLOCK)].map(([, content]) => content);
  if (jwt.split(".").length !== 3 || seed === undefined) {
    throw new UsageError("BAD_FIELD", "these credentials cannot be used: they need a JWT and a seed, in this order");
  }
  return jwtAuthenticator(jwt, seed);
}

// One line between two that begin and end with three dashes or more; what those say is not looked at.
const BLOCK = /^[ \t]*---.*---[ \t]*\r?\n[ \t]*([\w.=-]+)[ \t]*\r?\n[ \t]*---.*---/gm;

function userSeed(seed: string | Uint8Array): Uint8Array {
  const found = decodeSeed(textOf(seed).trim());
  if (found.kind !== "user") throw new UsageError("BAD_FIELD", `this nkey cannot be used: it is of ${found.kind} kind`);
  return found.seed;
}

/** A server that asks for nothing to be signed gets no signature: it would be good for whoever asks next. */
async function signed(seed: Uint8Array, nonce: string | undefined): Promise<string> {
  if (nonce === undefined) throw new Error("the server sent no nonce to sign");
  return base64urlnopad.encode(await signWith(seed, encoder.encode(nonce)));
}

function textOf(secret: string | Uint8Array): string {
  return typeof secret === "string" ? secret : decoder.decode(secret);
}
