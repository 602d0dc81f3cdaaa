// SPDX-License-Identifier: Apache-2.0
// Says who it is, over TLS: node credentials.mjs nats://127.0.0.1:4222 ann.creds ca.pem
// The first file is a .creds file or an nkey seed, `SU…`; the second a CA file, by default the system's.
import { readFileSync } from "node:fs";
import { ConnectionError, connect, credsAuthenticator, nkeyAuthenticator } from "@natswire/node";

const [, , servers, secretFile = "", caFile] = process.argv;
const secret = readFileSync(secretFile, "utf8");

try {
  const client = await connect({
    servers,
    tls: { caFile },
    authenticator: secret.startsWith("SU") ? nkeyAuthenticator(secret) : credsAuthenticator(secret),
  });
  try {
    await client.flush();
    console.log("let in, over TLS");
  } finally {
    await client.close();
  }
} catch (error) {
  if (!(error instanceof ConnectionError)) throw error;
  // AUTH: the server rejects the client; TLS: the client rejects the server.
  console.log(error.code);
  process.exitCode = 1;
}
