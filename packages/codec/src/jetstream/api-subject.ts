// SPDX-License-Identifier: Apache-2.0
import { formatValue, UsageError } from "../errors.ts";
import { explainInvalid, isPattern, isSubject } from "../subject.ts";
import { checkFields, checkValue, isName } from "./fields.ts";

const accountApis = [
  "INFO",
  "STREAM.NAMES",
  "STREAM.LIST",
  "META.LEADER.STEPDOWN",
  "META.RESCUE",
  "SERVER.REMOVE",
  "SERVER.EVACUATE",
] as const;
const streamApis = [
  "STREAM.CREATE",
  "STREAM.UPDATE",
  "STREAM.INFO",
  "STREAM.DELETE",
  "STREAM.PURGE",
  "STREAM.SNAPSHOT",
  "STREAM.RESTORE",
  "STREAM.MSG.GET",
  "STREAM.MSG.DELETE",
  "STREAM.PEER.REMOVE",
  "STREAM.PEER.EVACUATE",
  "STREAM.LEADER.STEPDOWN",
  "STREAM.CANCEL_MOVE",
  "CONSUMER.NAMES",
  "CONSUMER.LIST",
] as const;
const consumerApis = [
  "CONSUMER.DURABLE.CREATE",
  "CONSUMER.INFO",
  "CONSUMER.DELETE",
  "CONSUMER.PAUSE",
  "CONSUMER.RESET",
  "CONSUMER.UNPIN",
  "CONSUMER.MSG.NEXT",
  "CONSUMER.PEER.REMOVE",
  "CONSUMER.PEER.EVACUATE",
  "CONSUMER.LEADER.STEPDOWN",
] as const;
/** A request about the account or the server: its subject names neither stream nor consumer. */
export type AccountApi = (typeof accountApis)[number];
/** A request about a stream. */
export type StreamApi = (typeof streamApis)[number];
/** A request about a consumer. */
export type ConsumerApi = (typeof consumerApis)[number];

/** Where requests to JetStream go: `$JS.API` by default. At most one of the two is given. */
interface ApiPlace {
  /** The JetStream domain: requests go to `$JS.<domain>.API`. */
  readonly domain?: string | undefined;
  /** The prefix under which the account imports the API: requests go to `<prefix>`. */
  readonly prefix?: string | undefined;
}

/**
 * What the subject of a request to JetStream names.
 *
 * `CONSUMER.CREATE` names the consumer and its filter, `DIRECT.GET` the subject whose last message is requested. Both may leave it to the
 * payload. A filter may have wildcards: the encoder and nats-server accept them in the subject of a message.
 */
export type ApiSubject = ApiPlace &
  (
    | { readonly api: AccountApi }
    | { readonly api: StreamApi; readonly stream: string }
    | { readonly api: ConsumerApi; readonly stream: string; readonly consumer: string }
    | {
        readonly api: "CONSUMER.CREATE";
        readonly stream: string;
        readonly consumer?: string | undefined;
        readonly subject?: string | undefined;
      }
    | { readonly api: "DIRECT.GET"; readonly stream: string; readonly subject?: string | undefined }
  );

type Name = "stream" | "consumer" | "subject";

const nameList: readonly Name[] = ["stream", "consumer", "subject"];
/** What may follow each API: each form lists names, separated by blanks. A subject takes all tokens that are left. */
const rows: readonly (readonly [apis: readonly string[], forms: readonly string[]])[] = [
  [accountApis, [""]],
  [streamApis, ["stream"]],
  [consumerApis, ["stream consumer"]],
  [["CONSUMER.CREATE"], ["stream", "stream consumer", "stream consumer subject"]],
  [["DIRECT.GET"], ["stream", "stream subject"]],
];

/**
 * Returns the subject of a request to JetStream.
 *
 * @throws UsageError BAD_SUBJECT if a name is not one token, or the prefix or the subject is not valid; BAD_FIELD if the API or a
 * field is unknown, a name is missing or one too many, or there are both a domain and a prefix
 *
 * @example
 * ```ts
 * import { apiSubject } from "@natswire/codec/jetstream";
 *
 * const create = { api: "CONSUMER.CREATE", stream: "orders", consumer: "desk", subject: "orders.>" } as const;
 * console.log(apiSubject(create)); // $JS.API.CONSUMER.CREATE.orders.desk.orders.>
 * console.log(apiSubject({ api: "STREAM.INFO", stream: "orders", domain: "hub" })); // $JS.hub.API.STREAM.INFO.orders
 * ```
 */
export function apiSubject(request: ApiSubject): string {
  checkFields("apiSubject()", request, ["api", "domain", "prefix", ...nameList]);
  const { api, domain, prefix } = request;
  const [, forms] = rows.find(([apis]) => apis.includes(api)) ?? [];
  if (forms === undefined) throw new UsageError("BAD_FIELD", `unknown api ${formatValue(api)}`);
  const names = nameList.filter((name) => (request as Names)[name] !== undefined);
  if (!forms.includes(names.join(" "))) {
    throw new UsageError("BAD_FIELD", `${api} takes ${forms.map((form) => form || "no names").join(", or ")}`);
  }
  if (domain !== undefined && prefix !== undefined)
    throw new UsageError("BAD_FIELD", "give a domain or a prefix, not both");
  if (prefix !== undefined && !isSubject(prefix)) throw new UsageError("BAD_SUBJECT", explainInvalid("prefix", prefix));
  const place = prefix ?? (domain === undefined ? "$JS.API" : `$JS.${checkValue("domain", domain, "name")}.API`);
  return [place, api, ...names.map((name) => checkPart(name, (request as Names)[name]))].join(".");
}

/**
 * Reads the subject of a request to JetStream. Returns `undefined` if it is not one, or the API is not known.
 *
 * @param prefix the prefix of an imported API; by default `$JS.API` and `$JS.<domain>.API`
 */
export function parseApiSubject(subject: string, prefix?: string): ApiSubject | undefined {
  const [place, domain] = prefix === undefined ? (/^\$JS\.(?:([^.]+)\.)?API\./.exec(subject) ?? []) : [`${prefix}.`];
  if (place === undefined || !subject.startsWith(place) || (domain !== undefined && !isName(domain))) return undefined;
  const rest = subject.slice(place.length);
  for (const [apis, forms] of rows) {
    const api = apis.find((one) => `${rest}.`.startsWith(`${one}.`));
    if (api !== undefined) {
      const parts = partsOf(rest === api ? [] : rest.slice(api.length + 1).split("."), forms);
      return parts && ({ api, ...parts, domain, prefix } as ApiSubject);
    }
  }
  return undefined;
}

/** Returns what the tokens after an API name, or `undefined` if they have no form of that API. */
function partsOf(tokens: readonly string[], forms: readonly string[]): object | undefined {
  for (const form of forms) {
    const names = form === "" ? [] : (form.split(" ") as Name[]);
    const isOpen = form.endsWith("subject") && tokens.length > names.length;
    if (!isOpen && tokens.length !== names.length) continue;
    const parts = names.map((name, i) => [name, name === "subject" ? tokens.slice(i).join(".") : tokens[i]] as const);
    return parts.every(([name, part]) => isPart(name, part)) ? Object.fromEntries(parts) : undefined;
  }
  return undefined;
}

type Names = { readonly [name in Name]?: string | undefined };

function isPart(name: Name, part: unknown): boolean {
  return name === "subject" ? isPattern(part as string) : isName(part);
}

function checkPart(name: Name, part: unknown): string {
  if (name !== "subject") return checkValue(name, part as string, "name");
  if (isPattern(part as string)) return part as string;
  throw new UsageError("BAD_SUBJECT", explainInvalid("subject", part));
}
