import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import { encodePublicKey, nkeyAuthorizer, type ServeOptions, type Server, type ServerTls, serve } from "@natswire/node";
import { serve as serveWebSocket } from "@natswire/node/websocket";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Certificates, makeCertificates } from "../../testkit/certificates.ts";
import { freePort } from "../../testkit/free-port.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../testkit/nats-server.ts";
import { RawClient } from "../../testkit/raw-client.ts";

const certificates: Certificates = makeCertificates();
afterAll(() => certificates.remove());

/** The same server twice, for all scripts. */
function both(options: ServeOptions, config: string): () => readonly number[] {
  let ours: Server;
  let real: RealServer;
  beforeAll(async () => {
    ours = await serve(options);
    real = await startNatsServer(config);
  });
  afterAll(async () => {
    await ours.close();
    await real.stop();
  });
  return () => [real.port, ours.port];
}

/** What comes of it until it is answered or closed; the server's own PING is no answer. */
async function outcome(client: RawClient): Promise<{ received: string; closed: boolean }> {
  const answer = await Promise.race([client.until("PONG\r\n").catch(() => undefined), client.closed]);
  const said = answer ?? client.received;
  // Which alert a broken handshake gets is the TLS library's choice.
  const received = said.startsWith("\x15\x03") ? "a TLS alert" : said.replace(/^PING\r\n/gm, "");
  return { received, closed: answer === undefined };
}

const quiet = 'CONNECT {"verbose":false}\r\n';
const echo = `${quiet}SUB foo 1\r\nPUB foo 5\r\nhello\r\nPING\r\n`;

describe("the embedded server with TLS, compared with nats-server", () => {
  const { ca, client, server } = certificates;
  const { cert, key } = server;
  const required = tlsConfig(server, "timeout: 0.5");
  const own = { cert, key, handshakeTimeout: 500 };
  const trusting: ConnectionOptions = { ca: ca.cert };
  const known: ConnectionOptions = { ca: ca.cert, cert: client.cert, key: client.key };

  const settings: readonly [what: string, tls: ServerTls, config: string][] = [
    ["required", own, required],
    ["available", { ...own, when: "available" }, `${required}\nallow_non_tls: true`],
    [
      "required with a client certificate",
      { ...own, ca: ca.cert, requestCert: true },
      tlsConfig(server, "timeout: 0.5", `ca_file: "${ca.certFile}"`, "verify: true"),
    ],
  ];

  describe.each(settings)("%s", (_, tls, config) => {
    const ports = both({ tls }, config);

    it.each<[what: string, act: (client: RawClient) => Promise<void> | void]>([
      ["that starts TLS", (one) => one.startTls(trusting).then(() => one.send(echo))],
      ["that starts TLS with a certificate", (one) => one.startTls(known).then(() => one.send(echo))],
      ["that sends plain text", (one) => one.send(echo)],
      ["that sends garbage in plain text", (one) => one.send("OOPS\r\n")],
      ["that sends garbage in TLS", (one) => one.startTls(trusting).then(() => one.send("OOPS\r\n"))],
      ["that sends the first bytes of TLS only", (one) => one.send("\x16\x03\x01\x02\x00")],
      ["that sends no valid ClientHello", (one) => one.send(`\x16\x03\x01\x00\x05${"x".repeat(50)}`)],
      ["that does not trust the server", (one) => one.startTls({}).catch(() => {})],
    ])("gives the same answer to a client %s", async (_, act) => {
      const answers: unknown[] = [];
      for (const port of ports()) {
        const client = new RawClient(port);
        const info = await client.info();
        const flags = Object.entries(info).filter(([name]) => name.startsWith("tls"));
        await act(client);
        answers.push({ ...(await outcome(client)), flags: Object.fromEntries(flags) });
        client.socket.destroy();
      }
      expect(answers[1]).toEqual(answers[0]);
    });
  });
});

describe("the embedded server with nkeys, compared with nats-server", () => {
  const [ann, bob, eve] = [keyPair(), keyPair(), keyPair()];
  const crowd = Array.from({ length: 10 }, keyPair);
  const permissions = { publish: { deny: ["secret"] } };
  const known = [{ nkey: bob.nkey, permissions }, ...[ann, ...crowd].map(({ nkey }) => ({ nkey }))];
  const ports = both({ authorize: nkeyAuthorizer(known) }, `authorization { users: ${JSON.stringify(known)} }`);
  /** Returns a key pair whose signature differs between base64url and base64; one in fifteen does not. */
  const odd = (nonce: string): KeyPair => crowd.find((one) => /[-_]/.test(one.sign(nonce)))!;
  const base64 = (sig: string): string => Buffer.from(sig, "base64url").toString("base64");

  it.each<[what: string, connect: (nonce: string) => object, more?: string]>([
    ["a user", (nonce) => ({ nkey: ann.nkey, sig: ann.sign(nonce) })],
    ["a user with permissions", (nonce) => ({ nkey: bob.nkey, sig: bob.sign(nonce) }), "PUB secret 0\r\n\r\n"],
    ["a signature in padded base64", (nonce) => ({ nkey: ann.nkey, sig: base64(ann.sign(nonce)) })],
    ["a signature in padded base64url", (nonce) => ({ nkey: odd(nonce).nkey, sig: `${odd(nonce).sign(nonce)}==` })],
    [
      "a signature in base64 without padding",
      (nonce) => ({ nkey: odd(nonce).nkey, sig: base64(odd(nonce).sign(nonce)).slice(0, -2) }),
    ],
    ["a signature of the decoded nonce", (nonce) => ({ nkey: ann.nkey, sig: ann.sign(nonce, "base64url") })],
    ["a signature of another nonce", () => ({ nkey: ann.nkey, sig: ann.sign("AAAAAAAAAAAAAAA") })],
    ["a signature with another user's key", (nonce) => ({ nkey: ann.nkey, sig: bob.sign(nonce) })],
    ["an unknown key", (nonce) => ({ nkey: eve.nkey, sig: eve.sign(nonce) })],
    ["a key without a signature", () => ({ nkey: ann.nkey })],
    ["a signature without a key", (nonce) => ({ sig: ann.sign(nonce) })],
    ["an invalid key", (nonce) => ({ nkey: "U", sig: ann.sign(nonce) })],
    ["a CONNECT without credentials", () => ({})],
  ])("gives the same answer to %s", async (_, connect, more = "") => {
    const answers: unknown[] = [];
    for (const port of ports()) {
      const client = new RawClient(port);
      const { nonce } = await client.info();
      client.send(`CONNECT ${JSON.stringify({ verbose: false, ...connect(String(nonce)) })}\r\n${more}PING\r\n`);
      answers.push(await outcome(client));
      client.socket.destroy();
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe("the embedded server with WebSockets, compared with nats-server", () => {
  let ours: Server;
  let real: RealServer;
  let urls: readonly [real: string, ours: string];
  beforeAll(async () => {
    ours = await serveWebSocket();
    const port = await freePort();
    real = await startNatsServer(`websocket { host: 127.0.0.1, port: ${port}, no_tls: true }`);
    urls = [`ws://127.0.0.1:${port}`, ours.url];
  });
  afterAll(async () => {
    await ours.close();
    await real.stop();
  });

  it.each<[what: string, act: (socket: WebSocket) => void]>([
    ["operations in one binary message", (socket) => socket.send(Buffer.from(echo))],
    ["operations in one text message", (socket) => socket.send(echo)],
    ["operations across messages", (socket) => void echo.match(/[\s\S]{1,7}/g)!.map((part) => socket.send(part))],
    [
      "operations across frames",
      (socket) => [...echo].map((byte, i) => socket.send(byte, { fin: i === echo.length - 1 })),
    ],
    [
      "a text message with invalid UTF-8",
      (socket) => socket.send(Buffer.from(echo.replace("hello", "h\xffllo"), "latin1"), { binary: false }),
    ],
    ["empty messages", (socket) => ["", echo, ""].map((text) => socket.send(text))],
    ["an invalid frame", (socket) => tcpUnder(socket).write(Uint8Array.of(0x83, 0x80, 0, 0, 0, 0))],
  ])("gives the same answer to %s", async (_, act) => {
    const [real, ours] = [await answer(urls[0], act), await answer(urls[1], act)];
    expect(ours).toEqual(real);
  });

  it("sends -ERR before it closes; newer nats-servers may close without it", async () => {
    const act = (socket: WebSocket): void => socket.send("OOPS\r\n");
    const reason = { received: "-ERR 'Unknown Protocol Operation'\r\n", closed: true, kinds: [true] };
    expect(await answer(urls[1], act)).toEqual(reason);
    expect([reason, { ...reason, received: "" }]).toContainEqual(await answer(urls[0], act));
  });

  /** Resolves to what a server sends after INFO, up to a PONG or the close. */
  async function answer(url: string, act: (socket: WebSocket) => void): Promise<object> {
    const socket = new WebSocket(url);
    let received = "";
    let closed = false;
    const kinds = new Set<boolean>();
    await new Promise<void>((resolve) => {
      socket.on("message", (data, isBinary) => {
        if (received === "") act(socket);
        kinds.add(isBinary);
        received += String(data);
        if (received.endsWith("PONG\r\n")) resolve();
      });
      socket.on("close", () => {
        closed = true;
        resolve();
      });
      socket.on("error", () => {});
    });
    socket.terminate();
    return { received: received.replace(/^(INFO .*|PING)\r\n/gm, ""), closed, kinds: [...kinds] };
  }
});

interface KeyPair {
  readonly nkey: string;
  sign(nonce: string, coding?: BufferEncoding): string;
}

function keyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    nkey: encodePublicKey("user", rawKey(publicKey)),
    sign: (nonce, coding = "ascii") => sign(null, Buffer.from(nonce, coding), privateKey).toString("base64url"),
  };
}

function rawKey(key: KeyObject): Uint8Array {
  return Buffer.from(key.export({ format: "jwk" }).x!, "base64url");
}

function tcpUnder(socket: WebSocket): NodeJS.WritableStream {
  return (socket as unknown as { _socket: NodeJS.WritableStream })._socket;
}
