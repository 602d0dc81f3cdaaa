// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, type Certificates, makeCertificates } from "../../testkit/certificates.ts";
import type { Random } from "../../testkit/random.ts";

const AUTHORITIES = 2;
const LEAVES = 3;

/** An authority, and the certificates of a server and of a client that it signed. */
export interface Identity {
  readonly ca: Certificate;
  readonly server: Certificate;
  readonly client: Certificate;
}

/** The files of a client. */
const clientFiles = ["caFile", "certFile", "keyFile"] as const;
export type ClientFile = (typeof clientFiles)[number];
/** How a file of a client is incomplete for a moment: cut anywhere, or not replaced yet while the other files are. */
export const flaws = ["cut", "old"] as const;
export type Flaw = (typeof flaws)[number];

/** The files that a server and a client read certificates from. They are replaced while both run. */
export class RotatingFiles {
  readonly server: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
  readonly client: Readonly<Record<ClientFile, string>>;
  readonly #folder = mkdtempSync(join(tmpdir(), "natswire-rotation-"));
  // Made before the first connection: a process that makes certificates answers no PING meanwhile.
  readonly #authorities: readonly Certificates[] = Array.from({ length: AUTHORITIES }, makeCertificates);
  readonly #leaves = this.#authorities.map((authority) => ({
    server: Array.from({ length: LEAVES }, () => authority.renewed("server")),
    client: Array.from({ length: LEAVES }, () => authority.renewed("client")),
  }));
  #authority = 0;
  #leaf = 0;

  constructor() {
    const file = (name: string): string => join(this.#folder, name);
    this.server = { certFile: file("server.pem"), keyFile: file("server.key"), caFile: file("server-ca.pem") };
    this.client = { certFile: file("client.pem"), keyFile: file("client.key"), caFile: file("client-ca.pem") };
    this.writeServer();
    this.writeClient();
  }

  /** The certificates to be used now. */
  get identity(): Identity {
    const { server, client } = this.#leaves[this.#authority]!;
    return { ca: this.#authorities[this.#authority]!.ca, server: server[this.#leaf]!, client: client[this.#leaf]! };
  }

  /** Chooses other certificates, of the same authority or of the other one. The files stay as they are. */
  rotate(random: Random, isSameAuthority: boolean): void {
    if (isSameAuthority) this.#leaf = (this.#leaf + 1 + random.below(LEAVES - 1)) % LEAVES;
    else {
      this.#authority = (this.#authority + 1) % AUTHORITIES;
      this.#leaf = random.below(LEAVES);
    }
  }

  writeServer(): void {
    const { ca, server } = this.identity;
    writeFileSync(this.server.certFile, server.cert);
    writeFileSync(this.server.keyFile, server.key);
    writeFileSync(this.server.caFile, ca.cert);
  }

  writeClient(): void {
    for (const file of clientFiles) writeFileSync(this.client[file], this.#textOf(file));
  }

  /** Replaces the files of the client, but leaves one of them incomplete. The client cannot connect with them. */
  writeFlawed(random: Random, flaw: Flaw): void {
    if (flaw === "cut") {
      const file = random.pick(clientFiles);
      const text = this.#textOf(file);
      this.writeClient();
      // Without its last line, no part of it is a certificate or a key.
      writeFileSync(this.client[file], text.slice(0, random.below(text.lastIndexOf("-----END"))));
    } else {
      // The old key stays for a moment: two files cannot be replaced at once.
      writeFileSync(this.client.certFile, this.identity.client.cert);
      writeFileSync(this.client.caFile, this.identity.ca.cert);
    }
  }

  remove(): void {
    for (const authority of this.#authorities) authority.remove();
    rmSync(this.#folder, { recursive: true });
  }

  #textOf(file: ClientFile): string {
    const { ca, client } = this.identity;
    return { caFile: ca.cert, certFile: client.cert, keyFile: client.key }[file];
  }
}
