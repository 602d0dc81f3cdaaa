// SPDX-License-Identifier: Apache-2.0
// Gives each user a subject space of its own at one server: node tenants.mjs 4223 4222
import { connect, createServer } from "node:net";
import * as codec from "@natswire/codec";
import * as rewrite from "@natswire/codec/rewrite";

/** @typedef {import("node:net").Socket} Socket */
/** @typedef {import("@natswire/codec/rewrite").Changes} Changes */

const [port, upstream = 4222] = process.argv.slice(2).map(Number);
const { clientFrames, serverFrames } = codec;
const { CONNECT, PUB, HPUB, SUB, UNSUB } = clientFrames.kinds;
const { INFO, MSG, HMSG, "-ERR": ERR } = serverFrames.kinds;

const proxy = createServer((client) => {
  const server = connect(upstream, "127.0.0.1");
  const fromClient = new rewrite.PartScanner(clientFrames);
  const fromServer = new rewrite.PartScanner(serverFrames);
  const toServer = new rewrite.Rewriter();
  const toClient = new rewrite.Rewriter();
  let prefix = ""; // known after CONNECT
  /** @type {Changes} */
  let added = {};
  /** @type {Changes} */
  let removed = {};

  relay(client, fromClient, server, toServer, refuse, (kind) => {
    if (kind === CONNECT) return start();
    if (prefix === "") throw new Error(codec.serverErrorText("AUTHORIZATION"));
    if (kind === SUB || kind === UNSUB) checkSid(fromClient);
    if (kind === PUB || kind === HPUB || kind === SUB) {
      checkNames(fromClient);
      toServer.splice(fromClient, kind === SUB ? { subject: added.subject } : added);
    } else toServer.pass(fromClient); // UNSUB, PING, PONG, and later parts of a message
  });

  const end = () => server.destroy();
  relay(server, fromServer, client, toClient, end, (kind) => {
    if (kind === INFO) return announce();
    if (kind === ERR) return report();
    if (kind !== MSG && kind !== HMSG) return toClient.pass(fromServer);
    // All subscriptions are below the prefix, and so is what they receive.
    if (!rewrite.subjectStartsWith(fromServer, prefix)) throw new Error("foreign message");
    const isOwn = rewrite.replyStartsWith(fromServer, prefix);
    toClient.splice(fromServer, isOwn ? removed : { ...removed, reply: null });
  });

  /** Reads the user of CONNECT. The server checks the password. */
  function start() {
    const frame = clientFrames.frame(fromClient);
    const user = (frame.op === "connect" && frame.options.user) || "";
    // A second CONNECT could name another user.
    if (prefix !== "" || !/^[\w-]+$/.test(user)) {
      throw new Error(codec.serverErrorText("AUTHORIZATION"));
    }
    prefix = `tenants.${user}.`;
    added = { subject: { add: prefix }, reply: { add: prefix } };
    removed = { subject: { cut: prefix.length }, reply: { cut: prefix.length } };
    // The server limits the line with both prefixes in it.
    fromClient.setLimits({ line: clientFrames.limits.line - 2 * prefix.length });
    toServer.pass(fromClient);
  }

  /** Passes INFO on, without what the proxy does not offer. */
  function announce() {
    const frame = serverFrames.frame(fromServer);
    if (frame.op !== "info") return;
    // These addresses do not lead through the proxy.
    const { connect_urls, ws_connect_urls, ...info } = frame.info;
    const { max_payload: max = -1 } = info;
    fromClient.setLimits({ payload: max < 0 ? Number.POSITIVE_INFINITY : max });
    toClient.push({ op: "info", info: { ...info, jetstream: false } });
  }

  /** Passes -ERR on, with the subjects that the client knows. */
  function report() {
    const frame = serverFrames.frame(fromServer);
    if (frame.op !== "err") return;
    toClient.push({ ...frame, text: frame.text.replaceAll(`"${prefix}`, '"') });
  }

  /** Answers a client that broke a rule, and closes its connection. @param {Error} error */
  function refuse(error) {
    console.log("closes a connection:", error.message);
    const text = error instanceof codec.ProtocolError ? textOf(error) : error.message;
    // In the middle of a message, an error would be a part of it.
    if (fromServer.remaining === 0) toClient.push({ op: "err", text });
    write(toClient, client);
    client.destroySoon();
    server.destroy();
  }
});
proxy.listen(port, "127.0.0.1", () => {
  console.log("listening at port", Object(proxy.address()).port);
});

/**
 * Passes on what a socket receives: calls `pass` at each frame, and `failed` after an error.
 *
 * @param {Socket} from @param {rewrite.PartScanner} scanner
 * @param {Socket} to @param {rewrite.Rewriter} out
 * @param {(error: Error) => void} failed @param {(kind: number) => void} pass
 */
function relay(from, scanner, to, out, failed, pass) {
  from.on("data", function read(chunk) {
    try {
      scanner.push(chunk);
      for (let kind = scanner.next(); kind !== 0; kind = scanner.next()) pass(kind);
      write(out, to);
    } catch (error) {
      from.off("data", read);
      write(out, to); // the frames before the error
      failed(/** @type {Error} */ (error));
    }
    if (!to.writableNeedDrain) return;
    from.pause();
    to.once("drain", () => from.resume());
  });
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroySoon());
}

/** Writes what was collected. @param {rewrite.Rewriter} out @param {Socket} socket */
function write(out, socket) {
  socket.cork(); // all segments leave in one system call
  for (let segment = out.pull(); segment !== undefined; segment = out.pull()) {
    const { length } = segment;
    socket.write(segment, () => out.release(length));
  }
  socket.uncork();
}

/** Rejects names that another parser may split. @param {rewrite.PartScanner} scanner */
function checkNames(scanner) {
  if (scanner.flaw() === undefined) return;
  throw new Error(codec.serverErrorText("INVALID_SUBJECT"));
}

/** Rejects a sid that `serverFrames` does not read. @param {rewrite.PartScanner} scanner */
function checkSid(scanner) {
  if (!/^\d{1,15}$/.test(scanner.sidText())) throw new Error("Invalid Sid");
}

/** Returns what nats-server answers. @param {codec.ProtocolError} error */
function textOf({ code }) {
  const isNamed = code === "PAYLOAD_TOO_LARGE" || code === "LINE_TOO_LONG";
  return codec.serverErrorText(isNamed ? code : "UNKNOWN_OPERATION");
}
