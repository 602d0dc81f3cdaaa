// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { base64urlnopad } from "@scure/base";
import { badField } from "../bad-field.ts";
import type { Authenticator } from "../client/connection-options.ts";
import { decoder, encoder, webCrypto } from "../platform.ts";
import { publicKeyOf, signWith } from "./ed25519.ts";
import { decodeSeed, encodePublicKey } from "./nkeys.ts";

/**
 * Returns an authenticator with a user name and a password.
 *
 * @param pass a function is called for each connection
 * @throws UsageError BAD_FIELD if one of them is of the wrong kind
 */
export function usernamePasswordAuthenticator(user: string, pass: string | (() => string)): Authenticator {
  if (typeof user !== "string") throw badField("user", "a string", user);
  checkText("pass", pass);
  return () => ({ user, pass: typeof pass === "string" ? pass : pass() });
}

/**
 * Returns an authenticator with a token.
 *
 * @param token a function is called for each connection
 * @throws UsageError BAD_FIELD if it is of the wrong kind
 */
export function tokenAuthenticator(token: string | (() => string)): Authenticator {
  checkText("token", token);
  return () => ({ auth_token: typeof token === "string" ? token : token() });
}

/**
 * Returns an authenticator that signs the server's nonce with an nkey. A server that sends no nonce gets the key without a
 * signature.
 *
 * @param seed the seed of a user, `SU…`
 * @throws UsageError BAD_FIELD if it is not the seed of a user, or the runtime has no WebCrypto; errors never contain it
 */
export function nkeyAuthenticator(seed: string | Uint8Array): Authenticator {
  const key = userSeed(seed);
  return async (nonce) => {
    return { nkey: encodePublicKey("user", await publicKeyOf(key)), sig: await signed(key, nonce) };
  };
}

/**
 * Returns an authenticator that sends a JWT, and signs the server's nonce. A server that sends no nonce gets no signature.
 *
 * @param jwt a function is called for each connection
 * @param seed the seed of the JWT's user, `SU…`; a bearer token needs none
 * @throws UsageError BAD_FIELD if it is not the seed of a user, or the runtime has no WebCrypto; errors never contain it
 */
export function jwtAuthenticator(jwt: string | (() => string), seed?: string | Uint8Array): Authenticator {
  checkText("jwt", jwt);
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
 * @throws UsageError BAD_FIELD if it does not contain a JWT and a seed, or the runtime has no WebCrypto; errors never contain them
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
  // Fails now, not at every connection.
  webCrypto();
  return found.seed;
}

/** Without a nonce nothing is signed: the server asks for no key, and such a signature could be replayed. */
async function signed(seed: Uint8Array, nonce: string | undefined): Promise<string | undefined> {
  return nonce && base64urlnopad.encode(await signWith(seed, encoder.encode(nonce)));
}

function checkText(name: string, text: unknown): void {
  if (typeof text !== "string" && typeof text !== "function") throw badField(name, "a string or a function", text);
}

function textOf(secret: string | Uint8Array): string {
  if (typeof secret !== "string" && !ArrayBuffer.isView(secret)) throw badField("a secret", "text or bytes", secret);
  const text = typeof secret === "string" ? secret : decoder.decode(secret);
  return text.replace(/^\uFEFF/, "");
}
