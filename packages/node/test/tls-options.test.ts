// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { closing } from "../../../tools/testkit/closing.ts";
import * as bun from "../../bun/src/index.ts";
import * as deno from "../../deno/src/index.ts";
import * as browser from "../../websocket/src/index.ts";
import { connect, dialWith, listenWith, serve } from "../src/index.ts";
import { checkClientTls, checkServerTls } from "../src/tls-options.ts";
import * as websocket from "../src/websocket.ts";

const usage = (message: string): unknown => expect.objectContaining({ name: "UsageError", message });
const noKey = usage("tls of a server must have cert and key, as PEM text");

describe("TLS options of a client", () => {
  it("are refused if one is unknown", async () => {
    const unknown = usage('unknown option "caFlie" of tls; did you mean "caFile"?');
    for (const make of [dialWith, deno.dialWith, bun.dialWith]) {
      expect(() => make({ caFlie: "x" } as object)).toThrow(unknown);
    }
    await expect(connect({ tls: { caFlie: "x" } as object })).rejects.toEqual(unknown);
    expect(() => checkClientTls({ ca: "x", servername: "a", minVersion: "TLSv1.3" })).not.toThrow();
  });

  it("are refused if one of a WebSocket is unknown or not valid", async () => {
    await expect(browser.connect({ servers: "ws://a", facotry: 1 } as never)).rejects.toEqual(
      usage('unknown option "facotry"; did you mean "factory"?'),
    );
    expect(() => browser.dialWith({ factory: 5 as never })).toThrow(usage("factory must be a function, not a number"));
  });
});

describe("TLS options of a server", () => {
  it("are refused without a key", async () => {
    await expect(serve({ tls: {} })).rejects.toEqual(noKey);
    expect(() => listenWith({ tls: { cert: "x" } })).toThrow(noKey);
    expect(() => websocket.listenWith({ tls: {} })).toThrow(noKey);
    const at = { host: "127.0.0.1", port: 0 };
    await expect(deno.listenWith({ tls: { when: "first" } as never })(at, undefined as never)).rejects.toEqual(noKey);
    await expect(bun.listenWith({ tls: {} as never })(at, undefined as never)).rejects.toEqual(noKey);
  });

  it("are refused if they are null, or one is unknown", async () => {
    for (const make of [listenWith, websocket.listenWith]) {
      expect(() => make({ tls: null as never })).toThrow(usage("the options of tls must be an object, not null"));
      expect(() => make({ tsl: {} } as object)).toThrow(
        usage('unknown option "tsl" of listenWith; did you mean "tls"?'),
      );
    }
    await expect(serve({ tls: { crt: "x" } as object })).rejects.toEqual(
      usage('unknown option "crt" of tls; did you mean "cert"?'),
    );
    expect(() => checkServerTls({ pfx: "x", when: "first" })).not.toThrow();
  });
});

describe("tls: false", () => {
  it("connects in plain text, unless the server requires TLS", async () => {
    const { server: own, remove } = makeCertificates();
    const pem = { cert: own.cert, key: own.key };
    const offering = closing(await serve({ tls: { ...pem, when: "available" } }));
    const client = closing(await connect({ servers: offering.url, tls: false }));
    await client.flush();
    const requiring = closing(await serve({ tls: pem }));
    const servers = requiring.url.replace("tls://", "nats://");
    await expect(connect({ servers, tls: false })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringContaining('the server requires TLS, but the option tls is "never"'),
    });
    remove();
  });
});
