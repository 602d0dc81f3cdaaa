// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { chunkings, gatewayFrame, leafFrame, routeFrame } from "../src/arbitrary.ts";
import {
  encodeGateway,
  encodeLeaf,
  encodeRoute,
  gatewayFrames,
  leafFrames,
  type RouteFrame,
  RouteLink,
  type RouteOptions,
  routeFrames,
} from "../src/cluster.ts";
import { argumentsOf } from "../src/grammar.ts";
import { Decoder, type Grammar, Scanner, UsageError } from "../src/index.ts";
import { read } from "./reading.ts";
import { runs } from "./runs.ts";

const hi = latin1("hi");
const none = { reply: undefined, queues: [], headers: undefined, payload: hi, flaw: undefined } as const;
const rmsg = { op: "rmsg", account: "$G", subject: "a", ...none } as const;
const routes: RouteOptions[] = [true, false].flatMap((pinned) => [
  { pinned, lnocu: true },
  { pinned, lnocu: false },
]);

/** The links: the grammar, the encoder and the generator of each. */
const links: [name: string, Grammar<unknown>, encode: (frame: never) => Uint8Array, fc.Arbitrary<unknown>][] = [
  ...routes.map((options): (typeof links)[number] => [
    `route ${JSON.stringify(options)}`,
    routeFrames(options),
    (frame: RouteFrame) => encodeRoute(frame, options),
    routeFrame(options),
  ]),
  ["leafnode", leafFrames, encodeLeaf, leafFrame],
  ["gateway", gatewayFrames, encodeGateway, gatewayFrame],
];

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no error";
}

describe.each(links)("Frames of a %s", (_, grammar, encode, frame) => {
  it("decode to what was encoded, for any chunks", () => {
    const streams = fc.array(frame, { minLength: 1, maxLength: 6 }).chain((sent) => {
      const stream = latin1(sent.map((one) => text(encode(one as never))).join(""));
      return chunkings(stream).map((chunks) => ({ sent, chunks }));
    });
    fc.assert(
      fc.property(streams, ({ sent, chunks }) => {
        const decoder = new Decoder(grammar);
        const back: unknown[] = [];
        for (const chunk of chunks) {
          decoder.push(chunk);
          for (const one of decoder) back.push(structuredClone(one));
          chunk.fill(0xaa);
        }
        expect(back).toStrictEqual(sent);
        expect(decoder.buffered).toBe(0);
      }),
      runs(300),
    );
  });
});

describe("The encoder of a route", () => {
  it.each<[frame: object, line: string]>([
    [rmsg, "RMSG $G a 2\r\nhi\r\n"],
    [{ ...rmsg, reply: "r" }, "RMSG $G a r 2\r\nhi\r\n"],
    [{ ...rmsg, reply: "|" }, "RMSG $G a | 2\r\nhi\r\n"],
    [{ ...rmsg, queues: ["q", "w"] }, "RMSG $G a | q w 2\r\nhi\r\n"],
    [{ ...rmsg, reply: "r", queues: ["q"] }, "RMSG $G a + r q 2\r\nhi\r\n"],
    [{ ...rmsg, headers: latin1("NATS/1.0\r\n\r\n") }, "HMSG $G a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"],
    [{ ...rmsg, headers: latin1("") }, "HMSG $G a 0 2\r\nhi\r\n"],
    [{ ...rmsg, op: "lmsg", origin: "L", headers: latin1("") }, "LMSG L $G a 0 2\r\nhi\r\n"],
    [{ op: "a-", account: "A", flaw: undefined }, "A- A\r\n"],
    [{ op: "a+", account: "\x7f", flaw: true }, "A+ \x7f\r\n"],
    [{ op: "err", text: "it's" }, "-ERR 'it's'\r\n"],
    [{ op: "err", text: "" }, "-ERR ''\r\n"],
    [{ op: "ok" }, "+OK\r\n"],
    [{ op: "info", info: { lnocu: true, later: { a: [1] } } }, 'INFO {"lnocu":true,"later":{"a":[1]}}\r\n'],
    [{ op: "connect", options: { cluster: "C", later: 1 } }, 'CONNECT {"cluster":"C","later":1}\r\n'],
  ])("writes %j", (frame, line) => {
    expect(text(encodeRoute(frame as RouteFrame))).toBe(line);
  });

  it.each<[frame: unknown, message: string]>([
    [null, "BAD_FIELD a frame is an object, not null"],
    ["ping", 'BAD_FIELD a frame is an object, not "ping"'],
    [
      { op: "hmsg" },
      'BAD_FIELD unknown frame op "hmsg": use rs+, rs-, ls+, ls-, rmsg, lmsg, a+, a-, info, connect, ok,',
    ],
    [{ op: "toString" }, 'BAD_FIELD unknown frame op "toString"'],
    [{ op: ["ping"] }, "BAD_FIELD unknown frame op"],
    [{ ...rmsg, origin: "L" }, 'BAD_FIELD rmsg: unknown field "origin": use account, subject, reply, queues, headers,'],
    [{ op: "ping", flaw: undefined }, 'BAD_FIELD ping: unknown field "flaw"'],
    [{ ...rmsg, account: undefined }, "BAD_FIELD RMSG: account must be a string, not undefined"],
    [{ ...rmsg, op: "lmsg", origin: "L" }, "LMSG: headers"],
    [{ ...rmsg, op: "lmsg", headers: hi }, "BAD_FIELD LMSG: origin must be a string, not undefined"],
    [{ ...rmsg, reply: "a b" }, 'BAD_FIELD RMSG: "a b" is not a valid reply: it contains a space'],
    [{ ...rmsg, reply: "" }, 'BAD_FIELD RMSG: "" is not a valid reply: it is empty'],
    [{ ...rmsg, reply: null }, "BAD_FIELD RMSG: reply must be a string, not null"],
    [
      { ...rmsg, queues: ["q", "w\r\nPING"] },
      'BAD_FIELD RMSG: "w\\r\\nPING" is not a valid queues[1]: it contains a CR',
    ],
    [{ ...rmsg, queues: "q" }, "BAD_FIELD RMSG: queues must be an array, not a string"],
    [{ ...rmsg, queues: undefined }, "BAD_FIELD RMSG: queues must be an array, not undefined"],
    [{ ...rmsg, headers: "a" }, "headers must be a Uint8Array"],
    [{ ...rmsg, payload: undefined }, "payload must be a Uint8Array"],
    [{ op: "rs+", account: "A", subject: "a", queue: "q" }, "BAD_FIELD RS+: weight missing"],
    [{ op: "err", text: 7 }, "BAD_FIELD -ERR: text must be a string, not a number"],
    [{ op: "err", text: "a\r\nPING" }, "BAD_FIELD -ERR: text contains a CR"],
    [{ op: "info" }, "BAD_FIELD INFO needs an object, not undefined"],
    [{ op: "info", info: { lnocu: 1 } }, "BAD_FIELD INFO field lnocu must be a boolean"],
    [{ op: "connect", options: { deny_pub: "a" } }, "BAD_FIELD CONNECT field deny_pub must be an array of strings"],
    [{ ...rmsg, subject: "x".repeat(65_536) }, "TOO_LARGE RMSG: control line is"],
  ])("rejects %j", (frame, message) => {
    expect(messageOf(() => encodeRoute(frame as RouteFrame))).toContain(message);
  });

  it("rejects an account on a pinned route, and an origin without lnocu", () => {
    expect(messageOf(() => encodeRoute(rmsg, { pinned: true }))).toContain('RMSG: unknown field "account"');
    const unsub = { op: "ls-", origin: "L", account: "A", subject: "a", queue: undefined, flaw: undefined } as const;
    expect(messageOf(() => encodeRoute(unsub, { lnocu: false }))).toContain('LS-: unknown field "origin"');
    expect(messageOf(() => encodeRoute({ ...unsub, origin: undefined }))).toContain("LS-: origin must be a string");
  });

  it("writes the length of a list that it checked", () => {
    const queues = new Proxy(["q"], {
      get: (list, name) => (name === "length" && reads++ > 0 ? 0 : Reflect.get(list, name)),
    });
    let reads = 0;
    expect(text(encodeRoute({ ...rmsg, reply: "r", queues }))).toBe("RMSG $G a + r q 2\r\nhi\r\n");
  });

  it.each([
    [{ pined: true }, 'unknown option "pined": the options are pinned and lnocu'],
    [{ pinned: 1 }, "pinned must be a boolean, not 1"],
    [{ lnocu: null }, "lnocu must be a boolean, not null"],
  ])("rejects the options %j", (options, message) => {
    expect(messageOf(() => encodeRoute(rmsg, options as never))).toBe(`BAD_FIELD ${message}`);
    expect(messageOf(() => routeFrames(options as never))).toBe(`BAD_FIELD ${message}`);
  });

  it("has the defaults if an option is undefined", () => {
    expect(routeFrames({ pinned: undefined, lnocu: undefined })).toBe(routeFrames());
    expect(routeFrames({ lnocu: false })).not.toBe(routeFrames());
  });
});

describe("The encoders of leafnodes and gateways", () => {
  it("need no field that may be undefined", () => {
    const payload = new Uint8Array();
    const bytes = [
      encodeLeaf({ op: "lmsg", subject: "a", queues: [], payload }),
      encodeLeaf({ op: "ls-", subject: "a" }),
      encodeGateway({ op: "rmsg", account: "$G", subject: "a", queues: ["q"], payload }),
      encodeRoute({ op: "ls+", origin: "C", subject: "a" }, { pinned: true }),
    ];
    expect(bytes.map((frame) => Buffer.from(frame).toString())).toEqual([
      "LMSG a 0\r\n\r\n",
      "LS- a\r\n",
      "RMSG $G a | q 0\r\n\r\n",
      "LS+ C a\r\n",
    ]);
  });

  it("write HMSG for a message with headers", () => {
    const message = { subject: "a", ...none, queues: ["q"], headers: latin1("") };
    expect(text(encodeLeaf({ op: "lmsg", ...message }))).toBe("HMSG a | q 0 2\r\nhi\r\n");
    expect(text(encodeLeaf({ op: "lmsg", ...message, headers: undefined }))).toBe("LMSG a | q 2\r\nhi\r\n");
    expect(text(encodeGateway({ op: "rmsg", account: "A", ...message }))).toBe("HMSG A a | q 0 2\r\nhi\r\n");
  });

  it("reject frames of other links", () => {
    expect(messageOf(() => encodeLeaf(rmsg as never))).toContain('unknown frame op "rmsg"');
    expect(messageOf(() => encodeGateway({ op: "ls+" } as never))).toContain('unknown frame op "ls+"');
  });
});

describe("A scanner of a route", () => {
  it("has the subject, the reply and all arguments", () => {
    const scanner = new Scanner(routeFrames());
    scanner.push(
      latin1("RMSG A foo + r q 2\r\nhi\r\nRMSG A foo | q w 2\r\nhi\r\nHMSG A foo r 0 2\r\nhi\r\nRMSG A f 0\r\n\r\n"),
    );
    const seen: unknown[] = [];
    while (scanner.next() !== 0) seen.push([scanner.subject(), scanner.reply(), argumentsOf(scanner).length]);
    expect(seen).toEqual([
      ["foo", "r", 6],
      ["foo", undefined, 6],
      ["foo", "r", 5],
      ["f", undefined, 3],
    ]);
  });
});

describe("A RouteLink", () => {
  const lines = {
    pinned: 'INFO {"route_account":"SHOP","lnocu":true}\r\n',
    current: 'INFO {"lnocu":true,"route_account":""}\r\n',
    sentinel: 'INFO {"ln":true}\r\n',
    old: 'INFO {"lnoc":true}\r\n',
  };
  const play = (connecting: string, accepting: string): { link: RouteLink; decoders: Decoder<RouteFrame>[] } => {
    const link = new RouteLink();
    const decoders = [new Decoder(link.connecting), new Decoder(link.accepting)];
    for (const [i, line] of [connecting, accepting].entries()) {
      decoders[i]!.push(latin1(line));
      decoders[i]!.pull();
    }
    return { link, decoders };
  };

  it.each<[connecting: string, accepting: string, account: string | undefined, lnocu: boolean]>([
    [lines.pinned, lines.current, "SHOP", true],
    [lines.current, lines.current, undefined, true],
    [lines.sentinel, lines.current, undefined, true],
    // Only the server that connects says which account the connection is for.
    [lines.current, lines.pinned, undefined, true],
    [lines.old, lines.current, undefined, false],
    [lines.pinned, lines.old, "SHOP", false],
  ])("reads its options from %s and %s", (connecting, accepting, account, lnocu) => {
    const { link, decoders } = play(connecting, accepting);
    expect([link.account, link.lnocu]).toEqual([account, lnocu]);
    const options = { pinned: account !== undefined, lnocu };
    fc.assert(
      fc.property(routeFrame(options), (frame) => {
        expect(link.encode(frame)).toEqual(encodeRoute(frame, options));
        for (const decoder of decoders) {
          decoder.push(link.encode(frame));
          expect(decoder.pull()).toStrictEqual(frame);
        }
      }),
      runs(50),
    );
    expect(link.account).toBe(account);
  });

  it("reads frames with an account, and LS- without an origin, before INFO", () => {
    const link = new RouteLink();
    expect([link.account, link.lnocu]).toEqual([undefined, false]);
    const { frames } = read([latin1("LS-  A foo\r\nRS+ A foo\r\n")], link.accepting);
    expect(frames).toMatchObject([
      { op: "ls-", origin: undefined, account: "A", subject: "foo" },
      { op: "rs+", account: "A", subject: "foo" },
    ]);
  });

  it("reads a frame by what is known when it is complete", () => {
    const link = new RouteLink();
    const accepting = new Decoder(link.accepting);
    accepting.push(latin1("RMSG foo r 2\r\n"));
    expect(accepting.pull()).toBeUndefined();
    const connecting = new Decoder(link.connecting);
    connecting.push(latin1(lines.pinned));
    connecting.pull();
    accepting.push(latin1("hi\r\n"));
    expect(accepting.pull()).toMatchObject({ account: undefined, subject: "foo", reply: "r" });
  });

  it("ignores what later INFOs say of other connections", () => {
    const { link, decoders } = play(lines.current, lines.current);
    decoders[0]!.push(latin1('INFO {"route_account":"B","route_acc_add_reqid":"1"}\r\nRS+ A foo\r\n'));
    expect([...decoders[0]!].at(-1)).toMatchObject({ account: "A", subject: "foo" });
    expect([link.account, link.lnocu]).toEqual([undefined, true]);
  });

  it("rejects an INFO whose fields have other types", () => {
    const { fault } = read([latin1('INFO {"route_account":7}\r\n')], new RouteLink().connecting);
    expect(fault).toEqual({ code: "BAD_JSON", offset: 0 });
  });
});
