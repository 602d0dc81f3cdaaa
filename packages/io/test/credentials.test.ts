// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Authenticator,
  connectWith,
  credsAuthenticator,
  jwtAuthenticator,
  jwtAuthorizer,
  nkeyAuthenticator,
  nkeyAuthorizer,
  pipe,
  type Server,
  serveWith,
  tokenAuthenticator,
  tokenAuthorizer,
  userAuthorizer,
  usernamePasswordAuthenticator,
} from "../src/index.ts";

// Protocol section 7.2: a key that everybody knows.
const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const nonce = "6x4K8-DGTEWZa24";
const sig = "vcZScY0bJVTWmDFjgcnXCxHZPq-K0V46S3gpYmTTRLogi6jmFCT6fVGFKBDiCvlWbyohA_qFAsvz4RZLp5r0Ag";
const accountSeed = "SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI";
const jwt = "eyJ0eXAi.eyJqdGki.c2ln-_0";
const creds = `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
const unusable = expect.objectContaining({
  code: "BAD_FIELD",
  message: expect.stringMatching(/^(?!.*(SUAA|SAAA|eyJ))/s),
});

describe("authenticators", () => {
  it("sign the nonce, and nothing without a nonce", async () => {
    for (const one of [seed, new TextEncoder().encode(`${seed}\n`)]) {
      expect(await nkeyAuthenticator(one)(nonce)).toEqual({ nkey, sig });
    }
    expect(await nkeyAuthenticator(seed)(undefined)).toEqual({ nkey, sig: undefined });
    expect(await jwtAuthenticator(jwt, seed)(undefined)).toEqual({ jwt, sig: undefined });
  });

  it("throw if they need WebCrypto and the runtime has none", async () => {
    const missing = expect.objectContaining({ code: "BAD_FIELD", message: expect.stringContaining("crypto.subtle") });
    for (const crypto of [undefined, {}]) {
      vi.stubGlobal("crypto", crypto);
      expect(() => nkeyAuthenticator(seed)).toThrow(missing);
      expect(() => jwtAuthenticator(jwt, seed)).toThrow(missing);
      expect(() => credsAuthenticator(creds)).toThrow(missing);
      expect(() => jwtAuthenticator(jwt)).not.toThrow();
      await expect(jwtAuthorizer({ operators: [], accounts: [] })).rejects.toEqual(missing);
      vi.unstubAllGlobals();
    }
  });

  it("send a JWT with a signature, or a bearer token", async () => {
    expect(await jwtAuthenticator(jwt, seed)(nonce)).toEqual({ jwt, sig });
    expect(await jwtAuthenticator(() => jwt)(undefined)).toEqual({ jwt });
  });

  it.each([
    ["as it is written", creds],
    ["with other line ends", creds.replaceAll("\n", "\r\n")],
    ["without the last one", creds.trimEnd()],
    ["with blanks and other titles", creds.replaceAll(/^(?=[-e S])/gm, " ").replaceAll(/BEGIN|END/g, "X")],
  ])("read a credentials file %s", async (_, text) => {
    expect(await credsAuthenticator(text)(nonce)).toEqual({ jwt, sig });
    expect(await credsAuthenticator(new TextEncoder().encode(text))(nonce)).toEqual({ jwt, sig });
  });

  it("reject what is not a user's secret, without showing it", () => {
    for (const wrong of ["", nkey, `${seed.slice(0, -1)}Z`, accountSeed]) {
      expect(() => nkeyAuthenticator(wrong)).toThrow(unusable);
      expect(() => jwtAuthenticator(jwt, wrong)).toThrow(unusable);
      expect(() => credsAuthenticator(creds.replace(seed, wrong))).toThrow(unusable);
    }
    for (const wrong of ["", jwt, seed, creds.replace(jwt, "no.jwt"), creds.slice(0, 150)]) {
      expect(() => credsAuthenticator(wrong)).toThrow(unusable);
    }
  });
});

describe("a server with authorization", () => {
  let server: Server;
  let net: ReturnType<typeof pipe>;
  const connect = async (authenticator: Authenticator): Promise<void> => {
    const client = await connectWith(net.dial, { servers: `nats://127.0.0.1:${server.port}`, authenticator });
    await client.flush();
    await client.close();
  };
  beforeEach(() => {
    net = pipe();
  });
  afterEach(() => server.close());

  it("accepts the listed nkeys only", async () => {
    server = await serveWith(net.listen, { authorize: nkeyAuthorizer([{ nkey }]) });
    await connect(nkeyAuthenticator(seed));
    await expect(connect(async () => ({ nkey, sig }))).rejects.toMatchObject({ code: "AUTH" });
  });

  it("asks for a password or token at each connection", async () => {
    server = await serveWith(net.listen, { authorize: userAuthorizer([{ user: "ann", password: "2" }]) });
    let pass = 0;
    const authenticator = usernamePasswordAuthenticator("ann", () => String(++pass));
    await expect(connect(authenticator)).rejects.toMatchObject({ code: "AUTH" });
    await connect(authenticator);
    await connect(usernamePasswordAuthenticator("ann", "2"));
    await server.close();
    server = await serveWith(net.listen, { authorize: tokenAuthorizer("t0ken") });
    await connect(tokenAuthenticator("t0ken"));
    await connect(tokenAuthenticator(() => "t0ken"));
  });
});
