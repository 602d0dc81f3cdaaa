import { type ServeOptions, type Server, serve, token, users } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../demo/test/nats-server.ts";
import { play, type Script } from "./play.ts";

const permissions = {
  publish: { allow: ["orders.>", "reply.*"], deny: ["orders.secret.>"] },
  subscribe: { allow: ["orders.*", "orders.a.b", "_INBOX.>", "free.>"], deny: ["orders.secret", "free.not.>"] },
};
const ann = 'CONNECT {"user":"ann","pass":"s3cret","verbose":false}\r\nPING\r\n';
const bob = 'CONNECT {"user":"bob","pass":"hidden","verbose":false}\r\nPING\r\n';

/** The same server twice: how ours is told, and how the real one is. */
const settings: readonly [what: string, options: ServeOptions, config: string, scripts: readonly Script[]][] = [
  [
    "a token",
    { authorize: token("t0ken"), authTimeout: 500 },
    'authorization { token: "t0ken", timeout: 0.5 }',
    [
      [["a", 'CONNECT {"auth_token":"t0ken"}\r\nPING\r\n']],
      [["a", 'CONNECT {"auth_token":"t0ken","verbose":false}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n']],
      [["a", 'CONNECT {"auth_token":"wrong","verbose":false}\r\nPING\r\n']],
      [["a", 'CONNECT {"auth_token":"t0ken2"}\r\nPING\r\n']],
      [["a", 'CONNECT {"auth_token":""}\r\nPING\r\n']],
      [["a", "CONNECT {}\r\nPING\r\n"]],
      [["a", 'CONNECT {"user":"t0ken","pass":"t0ken"}\r\nPING\r\n']],
      [["a", "PING\r\n"]],
      [["a", "SUB a 1\r\nPING\r\n"]],
      [["a", "PUB a 0\r\n\r\nPING\r\n"]],
      [["a", 'CONNECT {"auth_token":\r\nPING\r\n']],
      [["a", 'CONNECT {"auth_token":"t0ken","protocol":7}\r\nPING\r\n']],
    ],
  ],
  [
    "users with permissions",
    {
      authorize: users([
        { user: "ann", password: "s3cret", permissions },
        { user: "bob", password: "hidden" },
      ]),
    },
    `authorization { users: [
      { user: ann, password: s3cret, permissions: ${JSON.stringify(permissions)} }
      { user: bob, password: hidden }
    ] }`,
    [
      [["a", ann]],
      [["a", 'CONNECT {"user":"ann","pass":"s3cret"}\r\nPING\r\n']],
      [["a", 'CONNECT {"user":"ann","pass":"hidden"}\r\nPING\r\n']],
      [["a", 'CONNECT {"user":"eve","pass":"s3cret"}\r\nPING\r\n']],
      [["a", 'CONNECT {"user":"ann"}\r\nPING\r\n']],
      [
        ["a", ann],
        ["a", "PUB other 2\r\nhi\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["b", bob],
        ["b", "SUB > 1\r\nPING\r\n"],
        ["a", "PUB orders.a 2\r\nhi\r\nPUB orders.secret.b 2\r\nno\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["b", bob],
        ["b", "SUB > 1\r\nPING\r\n"],
        ["a", "PUB orders.secret 2\r\nhi\r\nPUB orders 2\r\nno\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["b", bob],
        ["b", "SUB > 1\r\nPING\r\n"],
        ["a", "PUB reply.x y 2\r\nhi\r\nPUB reply.x.y 2\r\nno\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["a", "SUB orders.a 1\r\nPUB orders.a 2\r\nhi\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["a", "SUB orders.* 1\r\nPUB orders.a 2\r\nhi\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["a", "SUB orders.a.b 1\r\nSUB orders.a.c 2\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["a", "SUB other 1\r\nSUB other q 2\r\nSUB > 3\r\nSUB *.a 4\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["a", "SUB orders.secret 1\r\nSUB free.not.a 2\r\nSUB free.not.> 3\r\nPING\r\n"],
      ],
      [
        ["a", ann],
        ["a", 'SUB o"\\x q 1\r\nPUB o"\\x 0\r\n\r\nPING\r\n'],
      ],
      [
        ["a", ann],
        ["b", bob],
        ["a", "SUB orders.* 1\r\nSUB free.> 2\r\nPING\r\n"],
        [
          "b",
          "PUB orders.secret 2\r\nno\r\nPUB orders.open 3\r\nyes\r\nPUB free.a 3\r\nyes\r\nPUB free.not.a 2\r\nno\r\nPING\r\n",
        ],
      ],
      [
        ["a", ann],
        ["b", bob],
        ["a", "SUB free.> q 1\r\nPING\r\n"],
        ["b", "SUB free.not.> q 2\r\nPUB free.not.a 2\r\nhi\r\nPING\r\n"],
      ],
      [["a", 'CONNECT {"user":"ann","pass":"s3cret"}\r\nSUB other 1\r\nPUB other 0\r\n\r\nUNSUB 1\r\nPING\r\n']],
    ],
  ],
];

describe.each(settings)("with %s ours answers as a real nats-server", (_, options, config, scripts) => {
  let ours: Server;
  let real: RealServer;
  beforeAll(async () => {
    ours = await serve({}, options);
    real = await startNatsServer(config);
  });
  afterAll(async () => {
    await ours.close();
    await real.stop();
  });

  it.each(scripts.map((script) => [script.map(([who, says]) => `${who}: ${says}`).join(" "), script] as const))(
    "%j",
    async (_, script) => {
      const expected = await play(script, real.port);
      expect(Object.values(expected).some(({ heard, closed }) => heard !== "" || closed)).toBe(true);
      expect(await play(script, ours.port)).toEqual(expected);
    },
  );
});

it("is stricter in one thing: all that a subscription can receive must be allowed", async () => {
  const options = { authorize: token("t", { permissions: { subscribe: { allow: ["orders.*"] } } }) };
  const config = 'authorization { token: t, default_permissions: { subscribe: { allow: ["orders.*"] } } }';
  const script: Script = [["a", 'CONNECT {"auth_token":"t","verbose":false}\r\nSUB orders.> 1\r\nPING\r\n']];
  const ours = await serve({}, options);
  const real = await startNatsServer(config);
  const refusal = `-ERR 'Permissions Violation for Subscription to "orders.>"'\r\n`;
  expect((await play(script, real.port))["a"]?.heard).toBe("PONG\r\n");
  expect((await play(script, ours.port))["a"]?.heard).toBe(`${refusal}PONG\r\n`);
  await ours.close();
  await real.stop();
});
