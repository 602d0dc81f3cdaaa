// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { snippetsIn } from "../../repo/snippets.mjs";

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");
const manifest = read("../kubernetes/orders.yaml");
const service = read("../operations/service.mjs");

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds?: number;
}
interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: { readonly terminationGracePeriodSeconds: number; readonly containers: readonly Container[] };
    };
  };
}
interface Container {
  readonly command: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}
interface Budget {
  readonly spec: { readonly minAvailable: number; readonly selector: { readonly matchLabels: object } };
}

const documents = parseAllDocuments(manifest);
const [deployment, budget] = documents.map((document) => document.toJS()) as [Deployment, Budget];
const { template } = deployment.spec;
const [container] = template.spec.containers as [Container];

/** Returns a number of service.mjs. */
const numberIn = (pattern: RegExp): number => Number(pattern.exec(service)?.[1]);

describe("kubernetes/orders.yaml", () => {
  it("is YAML without errors or warnings, with both kinds", () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(documents.map((document) => document.get("kind"))).toEqual(["Deployment", "PodDisruptionBudget"]);
  });

  it("is quoted whole by docs/operations.md", () => {
    expect(snippetsIn(read("../../../docs/operations.md"), "yaml")).toEqual([manifest]);
  });

  it("runs the service itself, without a shell or npm", () => {
    expect(container.command).toEqual(["node", "service.mjs"]);
  });

  it("probes paths that the service answers, at its port", () => {
    const port = container.env.find(({ name }) => name === "HTTP_PORT")?.value;
    expect(container.ports).toEqual([{ name: "http", containerPort: Number(port) }]);
    for (const { httpGet, timeoutSeconds = 1 } of [container.livenessProbe, container.readinessProbe]) {
      expect(service).toContain(`url === "${httpGet.path}"`);
      expect(httpGet.port).toBe("http");
      expect(timeoutSeconds * 1000).toBeGreaterThan(numberIn(/rtt\(\{ timeout: (\d+) \}\)/));
    }
    expect(container.livenessProbe.httpGet.path).not.toBe(container.readinessProbe.httpGet.path);
  });

  it("sets exactly the variables that the service reads", () => {
    const names = [...service.matchAll(/const \{(.*)\} = process\.env/g)].flatMap(([, list]) =>
      list!.match(/[A-Z_]{2,}/g),
    );
    expect(container.env.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(container.env.find(({ name }) => name === "HTTP_HOST")?.value).toBe("0.0.0.0");
    expect(container.env.find(({ name }) => name === "NATS_TOKEN")).toEqual({
      name: "NATS_TOKEN",
      valueFrom: { secretKeyRef: { name: "nats", key: "token" } },
    });
    // A token is not sent in plain text to another machine.
    expect(container.env.find(({ name }) => name === "NATS_URL")?.value).toMatch(/^tls:/);
  });

  it("gives the service more time than drain and close take", () => {
    const drain = numberIn(/drain\(\{ timeout: (\d+) \}\)/) / 1000;
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(drain + 1);
  });

  it("keeps one member while a node is drained", () => {
    expect(template.metadata.labels).toEqual(deployment.spec.selector.matchLabels);
    expect(budget.spec.selector).toEqual(deployment.spec.selector);
    expect(budget.spec.minAvailable).toBeGreaterThan(0);
    expect(budget.spec.minAvailable).toBeLessThan(deployment.spec.replicas);
  });
});
