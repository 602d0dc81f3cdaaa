// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import type { ServerTls } from "@natswire/node";
import { type Command, InvalidArgumentError, Option } from "commander";
import { seconds } from "../arguments.ts";
import { Failure, formatError } from "../output.ts";
import type { Protocol } from "../protocols.ts";
import { type Scheme, type TapAddress, tapAddress, upstreamAddress } from "../tap/addresses.ts";
import type { FaultOptions } from "../tap/faults.ts";
import { INFO_FIELDS, type InfoRules } from "../tap/info-rewriter.ts";
import type { PrintOptions } from "../tap/printer.ts";
import type { UpstreamOptions } from "../tap/upstream.ts";
import { addFaultOptions, type FaultFlags, faultOptions } from "./fault-options.ts";
import { addPrintOptions } from "./print-options.ts";

/** The options of `tap` as they were typed. */
export interface TapFlags extends PrintOptions, FaultFlags {
  readonly listen: TapAddress;
  readonly upstream: TapAddress;
  readonly protocol: Protocol | "auto";
  readonly tlscert?: string;
  readonly tlskey?: string;
  readonly tlsfirst?: true;
  readonly upstreamTlsca?: string;
  readonly upstreamTlscert?: string;
  readonly upstreamTlskey?: string;
  readonly upstreamTlsfirst?: true;
  readonly keepInfo: readonly string[];
  readonly record?: string;
  /** Seconds between two reports of rates. */
  readonly stats?: number;
}

/** Where a tap listens, what it forwards to, and how. */
export interface TapSetup {
  readonly listen: TapAddress;
  readonly listenTls: ServerTls | undefined;
  readonly upstream: TapAddress;
  readonly upstreamOptions: UpstreamOptions;
  readonly rules: InfoRules;
  readonly faults: FaultOptions | undefined;
}

const secure: Readonly<Partial<Record<Scheme, Scheme>>> = { nats: "tls", tls: "tls", ws: "wss", wss: "wss" };

/** Adds the options of `tap`. */
export function addTapOptions(command: Command): Command {
  const options = [
    new Option("--listen <address>", "address for clients: [host:]port, tls://, ws://, wss://host:port or unix:/path")
      .argParser(tapAddress)
      .default(tapAddress("4223"), "4223"),
    new Option("--upstream <url>", "server to forward to: nats://, tls://, ws://, wss:// or unix:/path")
      .argParser(upstreamAddress)
      .default(upstreamAddress("nats://localhost:4222"), "nats://localhost:4222"),
    new Option("--tls-cert, --tlscert <file>", "certificate for clients (PEM), which then use TLS"),
    new Option("--tls-key, --tlskey <file>", "private key of the certificate (PEM)"),
    new Option("--tls-first, --tlsfirst", "start TLS with clients before INFO"),
    new Option("--upstream-ca, --upstream-tlsca <file>", "CA of the server's certificate (PEM)"),
    new Option("--upstream-cert, --upstream-tlscert <file>", "certificate of the tap for the server (PEM)"),
    new Option("--upstream-key, --upstream-tlskey <file>", "private key of that certificate (PEM)"),
    new Option("--upstream-tls-first, --upstream-tlsfirst", "start TLS with the server before INFO"),
    new Option("--keep-info <fields>", `fields of INFO to leave as they are, of ${INFO_FIELDS.join(",")}`)
      .argParser(infoFields)
      .default([], "none"),
    new Option(
      "--stats <seconds>",
      "print the rates by subject instead of frames, each time after these seconds",
    ).argParser(seconds),
    new Option("--record <file>", "write all frames to a file for decode and play; filters do not apply"),
  ];
  for (const option of options) command.addOption(option);
  return addPrintOptions(addFaultOptions(command));
}

/**
 * Returns what the options mean together.
 *
 * @throws Failure if a certificate or a key cannot be read
 */
export function tapSetup(flags: TapFlags, command: Command): TapSetup {
  const { upstream, tlscert, tlskey, tlsfirst, upstreamTlsca, upstreamTlscert, upstreamTlskey, upstreamTlsfirst } =
    flags;
  requirePair(command, "--tlscert", tlscert, "--tlskey", tlskey);
  requirePair(command, "--upstream-tlscert", upstreamTlscert, "--upstream-tlskey", upstreamTlskey);
  const scheme = tlscert === undefined ? flags.listen.scheme : secure[flags.listen.scheme];
  if (scheme === undefined) command.error("error: a unix socket does not use TLS; leave out --tlscert");
  const isSecure = scheme === "tls" || scheme === "wss";
  if (isSecure && tlscert === undefined) command.error(`error: ${scheme}:// needs --tlscert and --tlskey`);
  if (tlsfirst && scheme !== "tls") command.error("error: --tlsfirst needs --tlscert, and is not for WebSockets");
  const isUpstreamSecure = upstream.scheme === "tls" || upstream.scheme === "wss";
  if (!isUpstreamSecure && (upstreamTlsca ?? upstreamTlscert) !== undefined)
    command.error("error: certificates for the server need --upstream tls:// or wss://");
  if (upstreamTlsfirst && upstream.scheme !== "tls")
    command.error("error: --upstream-tlsfirst needs --upstream tls://");
  if (flags.stats !== undefined && flags.count !== undefined)
    command.error("error: --stats and --count exclude each other");
  const [cert, key] = [read(tlscert), read(tlskey)];
  const isKept = (field: (typeof INFO_FIELDS)[number]): boolean => flags.keepInfo.includes(field);
  // Between plain sockets, TLS passes as it is.
  const isTerminated = isSecure || (upstream.scheme !== "nats" && upstream.scheme !== "unix");
  return {
    listen: { ...flags.listen, scheme: scheme as Scheme },
    listenTls: cert === undefined ? undefined : { cert, key, when: tlsfirst ? "first" : "required" },
    upstream,
    upstreamOptions: {
      tls: definedOf({ ca: read(upstreamTlsca), cert: read(upstreamTlscert), key: read(upstreamTlskey) }),
      tlsFirst: upstreamTlsfirst ?? false,
    },
    faults: faultOptions(flags, command),
    rules: {
      hideServers: !isKept("connect_urls"),
      tls: isTerminated && !isKept("tls") ? isSecure : undefined,
      noCompression: !isKept("compression"),
    },
  };
}

function infoFields(value: string): readonly string[] {
  const fields = value.split(",").map((field) => field.trim());
  const unknown = fields.find((field) => !(INFO_FIELDS as readonly string[]).includes(field));
  if (unknown === undefined) return fields;
  throw new InvalidArgumentError(`Unknown field "${unknown}"; the fields are ${INFO_FIELDS.join(" ")}.`);
}

function requirePair(command: Command, aName: string, a: unknown, bName: string, b: unknown): void {
  if ((a === undefined) !== (b === undefined)) command.error(`error: ${aName} and ${bName} are needed together`);
}

function read(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${formatError(error)}`);
  }
}

function definedOf<T extends object>(object: T): { [name in keyof T]?: NonNullable<T[name]> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
