// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePublicKey } from "@natswire/node";
import { encodeSeed } from "@natswire/io/adapter";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../../tools/testkit/nats-server.ts";
import { makeOperator } from "../../../tools/testkit/operator.ts";
import { runCli } from "./cli-process.ts";
