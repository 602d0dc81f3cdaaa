// SPDX-License-Identifier: Apache-2.0
import { base64urlnopad } from "@scure/base";
import { decoder, encoder } from "../platform.ts";
import { isSignedBy } from "./ed25519.ts";
import { decodePublicKey, type KeyKind } from "./nkeys.ts";

/** The claims of a JWT of NATS: the fields that are used. */
export interface Claims {
  /** The key that signed it. */
  readonly iss: string;
  /** The public key of its operator, account or user. */
  readonly sub: string;
  /** When it was issued, when it expires and when it begins to be valid: seconds since 1970. */
  readonly iat?: number;
  readonly exp?: number;
  readonly nbf?: number;
  readonly nats: Readonly<Record<string, unknown>> & { readonly type: KeyKind };
}

/**
 * Returns the claims of a JWT that its issuer signed, of version 2; `undefined` if it is not one.
 *
 * @param kind the kind of its `sub`
 */
export async function readJwt(jwt: string, kind: KeyKind): Promise<Claims | undefined> {
  try {
    const [head = "", body = "", signature = "", ...more] = jwt.split(".");
    const header = parse(head) as { typ?: unknown; alg?: unknown };
    const claims = parse(body) as Claims;
    if (more.length > 0 || String(header.typ).toUpperCase() !== "JWT" || header.alg !== "ed25519-nkey")
      return undefined;
    if (claims.nats.type !== kind || claims.nats["version"] !== 2) return undefined;
    // Both throw if the text is not a public key.
    const subject = decodePublicKey(claims.sub);
    const issuer = decodePublicKey(claims.iss);
    const signed = encoder.encode(`${head}.${body}`);
    const isSigned = await isSignedBy(issuer.key, base64urlnopad.decode(signature), signed);
    return isSigned && subject.kind === kind ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether a JWT is valid at a time, in seconds since 1970. */
export function isCurrent({ exp, nbf }: Claims, now: number): boolean {
  return !(exp && exp < now) && !(nbf && nbf > now);
}

function parse(part: string): unknown {
  return JSON.parse(decoder.decode(base64urlnopad.decode(part)));
}
