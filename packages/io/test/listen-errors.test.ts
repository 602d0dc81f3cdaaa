// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { listenFailure } from "../src/server/listen-failure.ts";

describe("an address that cannot be listened on", () => {
  it.each([
    ["EADDRINUSE", "the port is in use (EADDRINUSE): choose another one, or 0 for a free port"],
    ["EACCES", "permission denied (EACCES): choose a port above 1023"],
    [
      "EADDRNOTAVAIL",
      "this machine does not have the address (EADDRNOTAVAIL): listen on 127.0.0.1, or 0.0.0.0 for all addresses",
    ],
    ["ENOTFOUND", "unknown host (ENOTFOUND): write an IP address"],
    ["EAI_AGAIN", "unknown host (EAI_AGAIN): write an IP address"],
    ["EMFILE", "too many open files"],
    [undefined, "too many open files"],
  ])("is named with the reason, the advice and the cause: %s", async (code, text) => {
    const cause = Object.assign(new Error("too many open files"), { code });
    const error = await listenFailure(cause, { host: "10.0.0.1", port: 42 }).catch((error: unknown) => error);
    expect(error).toMatchObject({ message: `cannot listen on 10.0.0.1:42: ${text}`, code });
    expect((error as Error).cause).toBe(cause);
  });
});
