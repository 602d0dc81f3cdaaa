// SPDX-License-Identifier: Apache-2.0
// Says who it is, over TLS: node credentials.mjs nats://127.0.0.1:4222 ann.creds ca.pem
// The first file is a .creds file or holds an nkey's seed, `SU…`; without the second the machine's authorities count.
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
  // AUTH: it is not who it should be; TLS: the server is not.
  console.log(error.code);
  process.exitCode = 1;
}
