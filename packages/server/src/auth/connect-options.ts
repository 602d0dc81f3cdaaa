// SPDX-License-Identifier: Apache-2.0
import { type ConnectInfo, serverErrorText } from "@natswire/codec";

/** What the client is sent, and why, for the log. */
export type ConnectError = readonly [text: string, detail: string];

/** Returns why CONNECT is rejected although its credentials are good, or `undefined` if it is accepted. */
export function connectErrorFor(options: ConnectInfo): ConnectError | undefined {
  const { protocol = 0, account, new_account } = options as ConnectInfo & ObsoleteOptions;
  if ((account ?? "") !== "" || (new_account ?? false) !== false) {
    return [serverErrorText("AUTHORIZATION"), "CONNECT names an account"];
  }
  if (protocol !== 0 && protocol !== 1) {
    return [serverErrorText("CLIENT_PROTOCOL"), `CONNECT has protocol ${protocol}, not 0 or 1`];
  }
  if (options.no_responders === true && options.headers !== true) {
    return [serverErrorText("NO_RESPONDERS_WITHOUT_HEADERS"), "CONNECT has no_responders without headers"];
  }
  return undefined;
}

/** How clients once chose their account. nats-server rejects it today, and so does this server. */
interface ObsoleteOptions {
  readonly account?: unknown;
  readonly new_account?: unknown;
}
