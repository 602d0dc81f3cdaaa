// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { anyAuthorizer, nkeyAuthorizer, tokenAuthorizer, userAuthorizer } from "@natswire/node";
import type { Certificates } from "../../testkit/certificates.ts";
import { freePort } from "../../testkit/free-port.ts";
import { makeOperator } from "../../testkit/operator.ts";
import type { Places } from "../suite.ts";
import { bytewise, silence, straight } from "./links.ts";
import { type Kind, type Opened, open } from "./servers.ts";

/** By which door an adapter comes. */
export type Door = "tcp" | "websocket";

/** What a program that plays the suite is told, as JSON. */
export interface Told extends Places {
  /** POST to `restart` or `reset` below it. */
  readonly control: string;
}

/** All servers of a kind the suite wants. */
export interface Grounds {
  /** Where they are, seen from a door. */
  told(door: Door): Told;
  close(): Promise<void>;
}

// Keys that are no secret.
const NKEY = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const SEED = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const [USER, PASS, TOKEN] = ["ann", "s3cr3t", "t0k3n"];

/**
 * Opens them.
 *
 * @param strangers certificates of an authority nobody knows
 */
export async function openGrounds(
  kind: Kind,
  { ca, server, client }: Certificates,
  strangers: Certificates,
): Promise<Grounds> {
  const operator = makeOperator();
  const jwt = operator.user(NKEY);
  let plain = await open(kind);
  const known = `users = [{ user: ${USER}, password: ${PASS} }, { nkey: ${NKEY} }]`;
  const byName = anyAuthorizer(userAuthorizer([{ user: USER, password: PASS }]), nkeyAuthorizer([{ nkey: NKEY }]));
  const bySignature = nkeyAuthorizer([{ nkey: NKEY }]);
  const named = await open(kind, { authorize: byName, config: `authorization { ${known} }` });
  const tokened = await open(kind, { authorize: tokenAuthorizer(TOKEN), config: `authorization { token: ${TOKEN} }` });
  const operated = await open(kind, {
    // Ours knows no operators: whose JWT it is, is for an authorizer to say.
    authorize: (said, nonce) => (said.jwt === jwt ? bySignature({ ...said, nkey: NKEY }, nonce) : undefined),
    config: operator.config,
  });
  const secure = await open(kind, { tls: { server, ca } });
  const first = await open(kind, { tls: { server, ca, first: true } });
  const strict = await open(kind, { tls: { server, ca, verify: true } });
  const strange = await open(kind, { tls: strangers });
  const { port, webSocketPort } = plain;
  const lines = {
    tcp: { bytes: await bytewise(port), broken: await straight(port) },
    websocket: { bytes: await bytewise(webSocketPort), broken: await straight(webSocketPort) },
  };
  const silent = await silence();
  const nowhere = await freePort();

  const control = createServer(async ({ url }, response) => {
    if (url === "/restart") {
      await plain.close();
      plain = await open(kind, { at: { port, webSocketPort } });
    } else {
      lines.tcp.broken.reset();
      lines.websocket.broken.reset();
    }
    response.setHeader("access-control-allow-origin", "*").end("done");
  }).listen(0, "127.0.0.1");
  await once(control, "listening");

  return {
    told(door) {
      const [scheme, safe] = door === "tcp" ? ["nats", "nats"] : ["ws", "wss"];
      const at = (one: number): string => `${scheme}://127.0.0.1:${one}`;
      const portOf = (one: Opened): number => (door === "tcp" ? one.port : one.webSocketPort);
      const to = (one: Opened): string => at(portOf(one));
      const safely = (one: Opened): string => `${safe}://127.0.0.1:${portOf(one)}`;
      return {
        url: to(plain),
        bytewise: at(lines[door].bytes.port),
        resettable: at(lines[door].broken.port),
        nowhere: at(nowhere),
        silent: at(silent.port),
        doors: {
          user: { url: to(named), user: USER, pass: PASS },
          token: { url: to(tokened), token: TOKEN },
          nkey: { url: to(named), seed: SEED },
          jwt: { url: to(operated), creds: credsOf(jwt) },
        },
        secure: {
          url: safely(secure),
          first: safely(first),
          strict: safely(strict),
          strange: safely(strange),
          ca: ca.cert,
          cert: client.cert,
          key: client.key,
        },
        control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
      };
    },
    async close() {
      control.close();
      for (const line of [silent, ...Object.values(lines).flatMap((of) => Object.values(of))]) line.close();
      await Promise.all([plain, named, tokened, operated, secure, first, strict, strange].map((one) => one.close()));
    },
  };
}

function credsOf(jwt: string): string {
  return [
    "-----BEGIN NATS USER JWT-----",
    jwt,
    "------END NATS USER JWT------",
    "",
    "-----BEGIN USER NKEY SEED-----",
    SEED,
    "------END USER NKEY SEED------",
    "",
  ].join("\n");
}
