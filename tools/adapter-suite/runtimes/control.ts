// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TcpProxy } from "../../testkit/tcp-proxy.ts";
import type { TransportKind } from "./environment.ts";

/** The HTTP server with which cases control the servers from any runtime. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/** What can be done with the proxy of a case. */
export type ProxyCommand = "hold" | "release" | "reset" | "isLeft";

/**
 * Opens an HTTP server. Each request is a POST, and the answer is JSON:
 *
 * - `/TRANSPORT/restart` restarts the server
 * - `/TRANSPORT/proxy` opens a proxy, and answers its port
 * - `/TRANSPORT/COMMAND/PORT` performs a command on that proxy
 *
 * @param ports of the server, which proxies connect to
 */
export async function openControl(
  ports: Readonly<Record<TransportKind, number>>,
  restart: () => Promise<void>,
): Promise<Control> {
  const proxies = new Map<string, TcpProxy>();
  const open = async (transport: TransportKind): Promise<number> => {
    const proxy = await TcpProxy.open(ports[transport]);
    proxies.set(String(proxy.port), proxy);
    return proxy.port;
  };
  const http = createServer(async ({ url = "" }, response) => {
    const [, transport, command, port = ""] = url.split("/");
    const proxy = proxies.get(port);
    let answer: unknown = null;
    if (proxy !== undefined) answer = await perform(proxy, command as ProxyCommand);
    else if (command === "restart") await restart();
    else answer = await open(transport as TransportKind);
    response.setHeader("access-control-allow-origin", "*").end(JSON.stringify(answer ?? null));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      http.close();
      await Promise.all(Array.from(proxies.values(), (proxy) => proxy.close()));
    },
  };
}

function perform(proxy: TcpProxy, command: ProxyCommand): unknown {
  const { toClient, toServer } = proxy.last;
  switch (command) {
    case "hold":
      toClient.hold();
      return toServer.hold();
    case "release":
      toClient.release();
      return toServer.release();
    case "reset":
      return proxy.reset();
    case "isLeft":
      return proxy.last.isLeft();
  }
}
