// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { base32nopad } from "@scure/base";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { origin } from "../../../tools/testkit/origin.ts";
import { decodePublicKey, decodeSeed, encodeSeed } from "../src/adapter.ts";
import { anyAuthorizer, encodePublicKey, type KeyKind, nkeyAuthorizer, tokenAuthorizer } from "../src/index.ts";

// A vector worked out by hand.
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const key = Uint8Array.from(Buffer.from("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8", "hex"));
const vectors: readonly [kind: KeyKind, publicKey: string, seed: string | undefined][] = [
  [
    "user",
    "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK",
    "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y",
  ],
  [
    "account",
    "AAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QPZV",
    "SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI",
  ],
  ["server", "NAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RSWB", undefined],
];
const user = vectors[0]![1];
const nonce = "6x4K8-DGTEWZa24";
const sig = "vcZScY0bJVTWmDFjgcnXCxHZPq-K0V46S3gpYmTTRLogi6jmFCT6fVGFKBDiCvlWbyohA_qFAsvz4RZLp5r0Ag";
const kinds: readonly KeyKind[] = ["operator", "account", "user", "server", "cluster", "curve"];

const badField = expect.objectContaining({ name: "UsageError", code: "BAD_FIELD" });

describe("an nkey", () => {
  it.each(vectors)("is encoded and decoded: %s", (kind, publicKey, seedText) => {
    expect(encodePublicKey(kind, key)).toBe(publicKey);
    expect(decodePublicKey(publicKey)).toEqual({ kind, key });
    if (seedText === undefined) return;
    expect(encodeSeed(kind, seed)).toBe(seedText);
    expect(decodeSeed(seedText)).toEqual({ kind, seed });
  });

  it("round-trips for every key, with the letters of its kind", () => {
    const letters = { operator: "O", account: "A", user: "U", server: "N", cluster: "C", curve: "X" };
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ minLength: 32, maxLength: 32 }), (kind, bytes) => {
        const [publicKey, seedText] = [encodePublicKey(kind, bytes), encodeSeed(kind, bytes)];
        expect([publicKey.length, seedText.length]).toEqual([56, 58]);
        expect([publicKey[0], seedText.slice(0, 2)]).toEqual([letters[kind], `S${letters[kind]}`]);
        expect(decodePublicKey(publicKey)).toEqual({ kind, key: bytes });
        expect(decodeSeed(seedText)).toEqual({ kind, seed: bytes });
      }),
    );
  });

  it("is invalid with any letter changed, removed or added", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567a018= ";
    for (const [text, decode] of [
      [user, decodePublicKey],
      [vectors[0]![2]!, decodeSeed],
    ] as const) {
      for (let i = 0; i < text.length; i++) {
        expect(() => decode(text.slice(0, i) + text.slice(i + 1))).toThrow(badField);
        for (const letter of alphabet) {
          expect(() => decode(text.slice(0, i) + letter + text.slice(i))).toThrow(badField);
          if (letter !== text[i]) expect(() => decode(text.slice(0, i) + letter + text.slice(i + 1))).toThrow(badField);
        }
      }
    }
  });

  it("is rejected if invalid, without a secret in the error", () => {
    const seedText = vectors[0]![2]!;
    for (const text of ["", "U", "UAAA", "AAAA", "AAAAA", user.toLowerCase(), seedText, `${user} `, undefined, 1]) {
      expect(() => decodePublicKey(text as string)).toThrow(badField);
    }
    for (const text of ["", user, seedText.toLowerCase(), `${seedText}=`]) {
      expect(() => decodeSeed(text)).toThrow(badField);
      expect(() => decodeSeed(text)).not.toThrow(/[A-Z2-7]{20}/i);
    }
    expect(() => decodePublicKey(seedText)).not.toThrow(/[A-Z2-7]{20}/i);
    const [first, second, ...rest] = [0x95, 0x00, ...seed];
    expect(decodeSeed(text(first!, second!, ...rest)).kind).toBe("user");
    expect(decodePublicKey(text(0xa0, ...key)).kind).toBe("user");
    // The checksum is right, and the prefix or the length is not.
    for (const bytes of [[], [0], [first], [first, second], [first, second! | 1, ...rest], [0x9d, second, ...rest]]) {
      expect(() => decodeSeed(text(...(bytes as number[])))).toThrow(badField);
      expect(() => decodePublicKey(text(...(bytes as number[])))).toThrow(badField);
    }
    for (const bytes of [[], [0xa0], [0xa8, ...key], [0xa0, ...key, 0], [0xa0, ...key.subarray(1)]]) {
      expect(() => decodePublicKey(text(...bytes))).toThrow(badField);
    }
    for (const length of [31, 33]) {
      expect(() => encodePublicKey("user", new Uint8Array(length))).toThrow(badField);
      expect(() => encodeSeed("user", new Uint8Array(length))).toThrow(badField);
    }
  });
});

describe.each([
  ["WebCrypto", () => {}],
  [
    "the library, where WebCrypto has no Ed25519",
    () => {
      const { subtle } = crypto;
      vi.stubGlobal("crypto", {
        getRandomValues: crypto.getRandomValues.bind(crypto),
        subtle: {
          digest: subtle.digest.bind(subtle),
          importKey: async () => {
            throw new DOMException("Unrecognized name.", "NotSupportedError");
          },
        },
      });
    },
  ],
])("nkeyAuthorizer, with signatures verified by %s", (_, prepare) => {
  beforeEach(prepare);
  afterEach(() => vi.unstubAllGlobals());

  it("accepts a signature of the nonce, and grants its permissions", async () => {
    const permissions = { publish: { allow: ["a"] } };
    const authorize = nkeyAuthorizer([{ nkey: user, permissions }]);
    expect(await authorize({ nkey: user, sig }, nonce, origin)).toMatchObject({ permissions });
    expect(await authorize({ nkey: user, sig: padded(sig) }, nonce, origin)).toMatchObject({ permissions });
  });

  it("rejects a wrong text, a wrong key, no signature", async () => {
    const other = generateKeyPairSync("ed25519").privateKey;
    const mine = pairOf(seed);
    const authorize = nkeyAuthorizer([{ nkey: user }]);
    const flipped = Buffer.from(sig, "base64url");
    flipped[40]! ^= 1;
    for (const options of [
      {},
      { nkey: user },
      { sig },
      { nkey: user, sig: "" },
      { nkey: nkeyOf(other), sig: signed(other, nonce) },
      { nkey: user, sig: signed(other, nonce) },
      { nkey: user, sig: signed(mine, "6x4K8-DGTEWZa25") },
      { nkey: user, sig: sign(null, Buffer.from(nonce, "base64url"), mine).toString("base64url") },
      { nkey: user, sig: flipped.toString("base64url") },
      { nkey: user, sig: Buffer.alloc(64).toString("base64url") },
      { nkey: user, sig: Buffer.alloc(64, 255).toString("base64url") },
    ]) {
      expect(await authorize(options, nonce, origin)).toBeUndefined();
    }
  });

  it("accepts every key and nonce", async () => {
    for (let i = 0; i < 20; i++) {
      const { privateKey } = generateKeyPairSync("ed25519");
      const nkey = nkeyOf(privateKey);
      expect(
        await nkeyAuthorizer([{ nkey }])({ nkey, sig: signed(privateKey, `nonce${i}`) }, `nonce${i}`, origin),
      ).toEqual({});
    }
  });
});

describe("nkeyAuthorizer", () => {
  it("accepts signatures in nats-server's encodings only", async () => {
    const authorize = nkeyAuthorizer([{ nkey: user }]);
    const lax = [`${sig}==`, padded(sig).slice(0, -2), ` ${sig}`, `${sig}\n`, sig.slice(1), `${sig}A`, "!"];
    for (const other of lax) expect(await authorize({ nkey: user, sig: other }, nonce, origin)).toBeUndefined();
  });

  it("rejects invalid keys and permissions at once", () => {
    for (const nkey of ["", "U", vectors[1]![1], vectors[2]![1], vectors[0]![2]!, user.slice(1), undefined]) {
      expect(() => nkeyAuthorizer([{ nkey: nkey as string }])).toThrow(badField);
    }
    expect(() => nkeyAuthorizer([{ nkey: vectors[1]![1] }])).toThrow("kind account");
    expect(() => nkeyAuthorizer([{ nkey: user }, { nkey: user }])).toThrow(`two users have the nkey ${user}`);
    const permissions = { subscribe: { deny: ["a..b"] } };
    expect(() => nkeyAuthorizer([])).toThrow("the list of users is empty, which denies every client");
    expect(() => nkeyAuthorizer([{ nkey: user, permissions }])).toThrow(
      expect.objectContaining({ code: "BAD_SUBJECT" }),
    );
  });

  it("combines with other authorizers", async () => {
    const authorize = anyAuthorizer(tokenAuthorizer("t0ken"), nkeyAuthorizer([{ nkey: user }]));
    expect(await authorize({ auth_token: "t0ken" }, nonce, origin)).toEqual({});
    expect(await authorize({ nkey: user, sig }, nonce, origin)).toEqual({});
    expect(await authorize({ auth_token: "other" }, nonce, origin)).toBeUndefined();
    const broken = (): never => {
      throw new Error("the directory is down");
    };
    await expect(anyAuthorizer(broken, authorize)({ auth_token: "t0ken" }, nonce, origin)).rejects.toThrow(
      "the directory is down",
    );
  });
});

/** Bytes with their checksum, in base32. */
function text(...bytes: readonly number[]): string {
  let sum = 0;
  for (const byte of bytes) {
    let top = (sum >> 8) ^ byte;
    top ^= top >> 4;
    sum = ((sum << 8) ^ (top << 12) ^ (top << 5) ^ top) & 0xffff;
  }
  return base32nopad.encode(Uint8Array.of(...bytes, sum & 255, sum >> 8));
}

/** The same signature in standard base64. */
function padded(text: string): string {
  return Buffer.from(text, "base64url").toString("base64");
}

function signed(key: KeyObject, text: string): string {
  return sign(null, Buffer.from(text), key).toString("base64url");
}

function nkeyOf(key: KeyObject): string {
  return encodePublicKey("user", Buffer.from(key.export({ format: "jwk" }).x!, "base64url"));
}

function pairOf(seed: Uint8Array): KeyObject {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" });
}
