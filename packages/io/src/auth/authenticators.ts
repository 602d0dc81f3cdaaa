// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { base64urlnopad } from "@scure/base";
import type { Authenticator } from "../client/connection-options.ts";
import { decoder, encoder } from "../platform.ts";
import { publicKeyOf, signWith } from "./ed25519.ts";
import { decodeSeed, encodePublicKey } from "./nkeys.ts";

/**
 * Returns an authenticator with a user name and a password.
 *
 * @param pass a function is called for each connection
 */
export function usernamePasswordAuthenticator(user: string, pass: string | (() => string)): Authenticator {
  return () => ({ user, pass: typeof pass === "string" ? pass : pass() });
}

/**
 * Returns an authenticator with a token.
 *
 * @param token a function is called for each connection
 */
export function tokenAuthenticator(token: string | (() => string)): Authenticator {
  return () => ({ auth_token: typeof token === "string" ? token : token() });
}

/**
 * Returns an authenticator that signs the server's nonce with an nkey.
 *
 * @param seed the seed of a user, `SU…`
 * @throws UsageError BAD_FIELD if it is not the seed of a user; errors never contain it
 */
export function nkeyAuthenticator(seed: string | Uint8Array): Authenticator {
  const key = userSeed(seed);
  return async (nonce) => {
    return { nkey: encodePublicKey("user", await publicKeyOf(key)), sig: await signed(key, nonce) };
  };
}

/**
 * Returns an authenticator that sends a JWT, and signs the server's nonce.
 *
 * @param jwt a function is called for each connection
 * @param seed the seed of the JWT's user, `SU…`; a bearer token needs none
 * @throws UsageError BAD_FIELD if it is not the seed of a user; errors never contain it
 */
export function jwtAuthenticator(jwt: string | (() => string), seed?: string | Uint8Array): Authenticator {
  const key = seed === undefined ? undefined : userSeed(seed);
  return async (nonce) => {
    const shown = typeof jwt === "string" ? jwt : jwt();
    return key === undefined ? { jwt: shown } : { jwt: shown, sig: await signed(key, nonce) };
  };
}

/**
 * Returns an authenticator that sends the JWT of a `.creds` file, and signs the server's nonce with its seed.
 *
 * @param creds the content of the file
 * @throws UsageError BAD_FIELD if it does not contain a JWT and a seed; errors never contain them
 */
export function credsAuthenticator(creds: string | Uint8Array): Authenticator {
  const [jwt = "", seed] = [...textOf(creds).matchAll(BLOCK)].map(([, content]) => content);
  if (jwt.split(".").length !== 3 || seed === undefined) {
    throw new UsageError("BAD_FIELD", "creds must contain a JWT and a seed, in this order");
  }
  return jwtAuthenticator(jwt, seed);
}

// A line between two that begin and end with three dashes or more, whatever those say.
const BLOCK = /^[ \t]*---.*---[ \t]*\r?\n[ \t]*([\w.=-]+)[ \t]*\r?\n[ \t]*---.*---/gm;

function userSeed(seed: string | Uint8Array): Uint8Array {
  const found = decodeSeed(textOf(seed).trim());
  if (found.kind !== "user")
    throw new UsageError("BAD_FIELD", `seed must be the seed of a user, not of kind ${found.kind}`);
  return found.seed;
}

/** Without a nonce nothing is signed: such a signature could be replayed. */
async function signed(seed: Uint8Array, nonce: string | undefined): Promise<string> {
  if (nonce === undefined) throw new Error("the server sent no nonce to sign");
  return base64urlnopad.encode(await signWith(seed, encoder.encode(nonce)));
}

function textOf(secret: string | Uint8Array): string {
  return typeof secret === "string" ? secret : decoder.decode(secret);
}
