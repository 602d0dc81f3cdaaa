// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { anyAuthorizer, nkeyAuthorizer, tokenAuthorizer, userAuthorizer } from "@natswire/node";
import type { Certificates } from "../../testkit/certificates.ts";
import { makeOperator } from "../../testkit/operator.ts";
import { type RunningServer, type ServerKind, startServer } from "../../testkit/servers.ts";
import { TcpProxy } from "../../testkit/tcp-proxy.ts";
import type { Endpoints } from "../suite.ts";
import { openControl } from "./control.ts";

/** How an adapter connects. */
export type TransportKind = "tcp" | "websocket";

/** What a process that runs the suite is given, as JSON. */
export interface RemoteEnvironment extends Endpoints {
  /** The URL of the HTTP server of `control.ts`. */
  readonly control: string;
}

/** All servers of one kind that the suite needs. */
export interface OpenEnvironment {
  /** Returns the URLs of the servers for one kind of transport. */
  over(transport: TransportKind): RemoteEnvironment;
  close(): Promise<void>;
}

// Made up for these tests.
const NKEY = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const SEED = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
// No server listens there, and the system never chooses it for a server of another test.
const CLOSED = 2;
const [USER, PASS, TOKEN] = ["ann", "s3cr3t", "t0k3n"];

/**
 * Starts all servers that the suite needs.
 *
 * @param untrusted certificates of an authority that the clients do not know
 */
export async function openEnvironment(
  kind: ServerKind,
  { ca, server, client, for: certificateFor }: Certificates,
  untrusted: Certificates,
): Promise<OpenEnvironment> {
  const operator = makeOperator();
  const jwt = operator.user(NKEY);
  let plain = await startServer(kind);
  const known = `users = [{ user: ${USER}, password: ${PASS} }, { nkey: ${NKEY} }]`;
  const bySignature = nkeyAuthorizer([{ nkey: NKEY }]);
  const byUser = anyAuthorizer(userAuthorizer([{ user: USER, password: PASS }]), bySignature);
  const withUsers = await startServer(kind, {
    options: { authorize: byUser },
    config: `authorization { ${known} }`,
  });
  const withToken = await startServer(kind, {
    options: { authorize: tokenAuthorizer(TOKEN) },
    config: `authorization { token: ${TOKEN} }`,
  });
  const withJwt = await startServer(kind, {
    // The embedded server has no operators: its authorizer decides whose JWT it is.
    options: {
      authorize: (connect, ...more) =>
        connect.jwt === jwt ? bySignature({ ...connect, nkey: NKEY }, ...more) : undefined,
    },
    config: operator.config,
  });
  const secure = await startServer(kind, { tls: { server, ca } });
  const handshakeFirst = await startServer(kind, { tls: { server, ca, handshakeFirst: true } });
  const verify = await startServer(kind, { tls: { server, ca, verify: true } });
  const strange = await startServer(kind, { tls: untrusted });
  const other = await startServer(kind, { tls: { server: certificateFor("other.test"), ca } });
  const { port, webSocketPort } = plain;
  const bytewise = { tcp: await bytewiseProxy(port), websocket: await bytewiseProxy(webSocketPort) };
  const silent = createServer((socket) => void socket.on("error", () => {}).resume()).listen(0, "127.0.0.1");
  await once(silent, "listening");

  const control = await openControl({ tcp: port, websocket: webSocketPort }, async () => {
    await plain.close();
    plain = await startServer(kind, { ports: { port, webSocketPort } });
  });

  return {
    over(transport) {
      const [scheme, secureScheme] = transport === "tcp" ? ["nats", "nats"] : ["ws", "wss"];
      const portOf = (one: RunningServer): number => (transport === "tcp" ? one.port : one.webSocketPort);
      const at = (one: number): string => `${scheme}://127.0.0.1:${one}`;
      const urlOf = (one: RunningServer): string => at(portOf(one));
      const secureUrlOf = (one: RunningServer): string => `${secureScheme}://127.0.0.1:${portOf(one)}`;
      return {
        url: urlOf(plain),
        bytewise: at(bytewise[transport].port),
        closed: at(CLOSED),
        silent: at(portAt(silent)),
        auth: {
          user: { url: urlOf(withUsers), user: USER, pass: PASS },
          token: { url: urlOf(withToken), token: TOKEN },
          nkey: { url: urlOf(withUsers), seed: SEED },
          jwt: { url: urlOf(withJwt), creds: credsOf(jwt) },
        },
        tls: {
          url: secureUrlOf(secure),
          handshakeFirst: secureUrlOf(handshakeFirst),
          verify: secureUrlOf(verify),
          untrusted: secureUrlOf(strange),
          otherHost: secureUrlOf(other),
          ca: ca.cert,
          cert: client.cert,
          key: client.key,
        },
        control: `${control.url}/${transport}`,
      };
    },
    async close() {
      silent.close();
      const servers = [plain, withUsers, withToken, withJwt, secure, handshakeFirst, verify, strange, other];
      const open = [control, ...Object.values(bytewise), ...servers];
      await Promise.all(open.map((one) => one.close()));
    },
  };
}

/** Opens a proxy that sends clients one byte at a time. */
async function bytewiseProxy(upstream: number): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(upstream);
  proxy.onConnection = ({ toClient }) => toClient.split(Number.POSITIVE_INFINITY);
  return proxy;
}

function portAt(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
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
