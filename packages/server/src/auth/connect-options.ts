// SPDX-License-Identifier: Apache-2.0
import { type ConnectInfo, serverErrorText } from "@natswire/codec";

/** Why a client is refused whose credentials are good: the text for it, and what it is. */
export function connectErrorFor(options: ConnectInfo): readonly [text: string, detail: string] | undefined {
  const { protocol = 0, account, new_account } = options as ConnectInfo & ObsoleteOptions;
  if ((account ?? "") !== "" || (new_account ?? false) !== false)
    return [serverErrorText("AUTHORIZATION")!, "an account by name"];
  if (protocol !== 0 && protocol !== 1) return [serverErrorText("CLIENT_PROTOCOL")!, `protocol ${protocol}`];
  if (options.no_responders === true && options.headers !== true) {
    return [serverErrorText("NO_RESPONDERS_WITHOUT_HEADERS")!, "no_responders without headers"];
  }
  return undefined;
}

/** How a client once chose its account; nobody is let in with it any more. */
interface ObsoleteOptions {
  readonly account?: unknown;
  readonly new_account?: unknown;
}
