// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { certificateFailure } from "@natswire/io/adapter/server";
import { Failure, fail, formatError } from "../output.ts";

/** Certificates of a server, as PEM text. */
export interface Certificates {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

/**
 * Reads a text file. Its path is relative to the working directory, as in nats-server.
 *
 * @throws Failure if it cannot be read
 */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${formatError(error)}`);
  }
}

/**
 * Reads a certificate, its private key, and the CA of clients.
 *
 * @throws Failure if a file cannot be read or used
 */
export async function readCertificates(
  certFile: string,
  keyFile: string,
  caFile: string | undefined,
): Promise<Certificates> {
  const files = { cert: readText(certFile), key: readText(keyFile), ca: caFile && readText(caFile) };
  // OpenSSL accepts a file without one, and then no certificate of a client.
  if (files.ca !== undefined && !files.ca.includes("-----BEGIN CERTIFICATE-----"))
    throw new Failure(`${caFile} has no certificate in PEM`);
  try {
    createSecureContext(files);
  } catch (error) {
    const names = { cert: certFile, key: keyFile, ca: caFile ?? "" };
    await certificateFailure(error, files, createSecureContext, names).catch(fail);
  }
  return files;
}

/**
 * Returns a JWT that is given as text, or as the name of a file that has it.
 *
 * @throws Failure if the file cannot be read or has no JWT
 */
export function readJwt(given: string): string {
  const isText = given.startsWith("eyJ") && !existsSync(given);
  const [jwt] = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(isText ? given : readText(given)) ?? [];
  if (jwt === undefined) throw new Failure(`operator must be a JWT or a file with one`);
  return jwt;
}
