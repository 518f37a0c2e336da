import { readdirSync } from "node:fs";
import { join } from "node:path";

import test from "ava";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

import { packageFolder } from "../../src/platform/package.ts";
import { testApp } from "../support/edge-app.ts";
import { manifest, manifests, secretSettings, unknownSettings } from "../support/manifest.ts";

const base = "ops/k8s/base";
const labels = Type.Record(Type.String(), Type.String());
const selector = Type.Object({ matchLabels: labels });
const probe = Type.Object({ httpGet: Type.Object({ path: Type.String(), port: Type.String() }) });
const from = Type.Object({ name: Type.String() });
const containerSchema = Type.Object({
  image: Type.String(),
  ports: Type.Array(Type.Object({ name: Type.String(), containerPort: Type.Integer() })),
  envFrom: Type.Array(
    Type.Object({ configMapRef: Type.Optional(from), secretRef: Type.Optional(from) }),
  ),
  env: Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: Type.Optional(
    Type.Object({
      preStop: Type.Object({ exec: Type.Object({ command: Type.Array(Type.String()) }) }),
    }),
  ),
  resources: Type.Object({ requests: labels, limits: labels }),
  securityContext: Type.Object({
    readOnlyRootFilesystem: Type.Literal(true),
    allowPrivilegeEscalation: Type.Literal(false),
    capabilities: Type.Object({ drop: Type.Array(Type.Literal("ALL"), { minItems: 1 }) }),
  }),
});
const workloadSchema = Type.Object({
  kind: Type.Enum(["Deployment", "StatefulSet"]),
  metadata: Type.Object({ name: Type.String() }),
  spec: Type.Object({
    replicas: Type.Optional(Type.Integer()),
    selector,
    serviceName: Type.Optional(Type.String()),
    template: Type.Object({
      metadata: Type.Object({ labels }),
      spec: Type.Object({
        automountServiceAccountToken: Type.Literal(false),
        enableServiceLinks: Type.Literal(false),
        terminationGracePeriodSeconds: Type.Integer(),
        securityContext: Type.Object({
          runAsNonRoot: Type.Literal(true),
          runAsUser: Type.Integer({ minimum: 1 }),
          seccompProfile: Type.Object({ type: Type.Literal("RuntimeDefault") }),
        }),
        topologySpreadConstraints: Type.Array(Type.Object({ labelSelector: selector })),
        containers: Type.Array(containerSchema, { minItems: 1, maxItems: 1 }),
      }),
    }),
  }),
});
const serviceSchema = Type.Object({
  metadata: Type.Object({ name: Type.String() }),
  spec: Type.Object({ selector: labels, ports: Type.Array(Type.Object({ port: Type.Integer() })) }),
});
const budgetSchema = Type.Object({
  spec: Type.Object({ maxUnavailable: Type.Literal(1), selector }),
});
const scalerSchema = Type.Object({
  spec: Type.Object({
    scaleTargetRef: Type.Object({ kind: Type.String(), name: Type.String() }),
    minReplicas: Type.Integer({ minimum: 2 }),
  }),
});
const policySchema = Type.Object({
  kind: Type.Literal("NetworkPolicy"),
  spec: Type.Object({ podSelector: selector, policyTypes: Type.Array(Type.String()) }),
});
const settingsSchema = Type.Object({ data: labels });
const kustomizationSchema = Type.Object({ resources: Type.Array(Type.String()) });

/** The process has so long to end; longer, and it is cut off. */
const closeSeconds = 20;

const edge = manifest(`${base}/deployment.yaml`, workloadSchema);
const shard = manifest(`${base}/statefulset.yaml`, workloadSchema);
const workloads = [edge, shard];
const pods = workloads.map((workload) => workload.spec.template);

function containerOf({ spec }: Static<typeof workloadSchema>): Static<typeof containerSchema> {
  const [container] = spec.template.spec.containers;
  if (container === undefined) throw new Error("a workload without a container");
  return container;
}

test("each file of the base is applied, and each one that is named is there", (t) => {
  const { resources } = manifest(`${base}/kustomization.yaml`, kustomizationSchema);
  const files = readdirSync(join(packageFolder(), base));

  t.deepEqual(
    [...resources, "kustomization.yaml"].sort(),
    files.filter((file) => file.endsWith(".yaml")).sort(),
  );
  t.true(["deployment.yaml", "service.yaml"].every((file) => files.includes(file)));
  t.true(
    manifest(
      "ops/k8s/overlays/production/kustomization.yaml",
      kustomizationSchema,
    ).resources.includes("../../base"),
  );
});

test("each manifest says what it is", (t) => {
  const folder = join(packageFolder(), "ops/k8s");
  const head = Type.Object({ apiVersion: Type.String(), kind: Type.String() });
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });

  for (const file of files.filter((each) => each.endsWith(".yaml"))) {
    for (const document of manifests(join("ops/k8s", file))) {
      // A list of changes to other manifests has no kind of its own.
      if (!Array.isArray(document)) t.true(Value.Check(head, document), file);
    }
  }
});

test("probes ask what the service answers; whether it can commit restarts nobody", async (t) => {
  const { app } = testApp();

  for (const workload of workloads) {
    const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(workload);
    t.is(startupProbe.httpGet.path, "/health/live");
    t.is(livenessProbe.httpGet.path, "/health/live");
    t.is(readinessProbe.httpGet.path, "/health/ready");
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      t.is((await app.inject({ url: httpGet.path })).statusCode, 200);
      t.true(ports.some(({ name }) => name === httpGet.port));
    }
  }
  await app.close();
});

test("pods are given settings that there are, and secrets from the Secret alone", (t) => {
  const given = Object.keys(manifest(`${base}/configmap.yaml`, settingsSchema).data);
  const overlaid = Object.keys(
    manifest("ops/k8s/overlays/production/configmap.yaml", settingsSchema).data,
  );

  t.deepEqual(unknownSettings([...given, ...overlaid]), []);
  t.deepEqual(secretSettings([...given, ...overlaid]), []);
  for (const workload of workloads) {
    const { env, envFrom } = containerOf(workload);
    const names = env.map(({ name }) => name);
    t.deepEqual(unknownSettings(names), []);
    t.true(["ROLES", "NODE_NAME"].every((name) => names.includes(name)));
    t.deepEqual(envFrom, [
      { configMapRef: { name: "merchant-quota" } },
      { secretRef: { name: "merchant-quota" } },
    ]);
  }
});

test("a shard node is reached by its pod's name under the headless service", (t) => {
  const { env } = containerOf(shard);
  const names = env.map(({ name }) => name);

  t.like(env[names.indexOf("NODE_ADDRESS")], {
    value: `$(NODE_NAME).${shard.spec.serviceName ?? ""}`,
  });
  t.true(names.indexOf("NODE_NAME") < names.indexOf("NODE_ADDRESS"), "what is named is above it");
});

test("a pod is given the time to finish what it has accepted", (t) => {
  for (const workload of workloads) {
    const { lifecycle } = containerOf(workload);
    const [, seconds = "0"] = lifecycle?.preStop.exec.command ?? [];
    const { terminationGracePeriodSeconds: grace } = workload.spec.template.spec;
    t.true(grace >= Number(seconds) + closeSeconds + 5, workload.kind);
  }
});

test("who selects pods selects those of one role", (t) => {
  const services = manifests(`${base}/service.yaml`).map((each) =>
    Value.Parse(serviceSchema, each),
  );
  const budgets = manifests(`${base}/pdb.yaml`).map((each) => Value.Parse(budgetSchema, each));
  const rolesBy = (wanted: Static<typeof labels>): number =>
    pods.filter(({ metadata }) =>
      Object.entries(wanted).every(([name, value]) => metadata.labels[name] === value),
    ).length;

  for (const { spec } of workloads) {
    t.is(rolesBy(spec.selector.matchLabels), 1);
    for (const { labelSelector } of spec.template.spec.topologySpreadConstraints) {
      t.deepEqual(labelSelector, spec.selector);
    }
  }
  t.deepEqual(
    budgets.map(({ spec }) => spec.selector),
    workloads.map(({ spec }) => spec.selector),
  );
  t.deepEqual(
    services.map(({ spec }) => spec.selector),
    workloads.map(({ spec }) => spec.selector.matchLabels),
  );
  t.is(services[0]?.metadata.name, "merchant-quota-service");
  t.is(services[1]?.metadata.name, shard.spec.serviceName);
  t.true(services.every(({ spec }) => spec.ports.every(({ port }) => port === 40022)));
});

test("the number of edges is left to the scaler, that of the shard nodes is not", (t) => {
  const { scaleTargetRef } = manifest(`${base}/hpa.yaml`, scalerSchema).spec;

  t.like(scaleTargetRef, { kind: edge.kind, name: edge.metadata.name });
  t.is(edge.spec.replicas, undefined);
  t.true(Number(shard.spec.replicas) >= 3);
});

test("every pod is closed to the network but for what is said", (t) => {
  const policies = manifests(`${base}/networkpolicy.yaml`).map((each) =>
    Value.Parse(policySchema, each),
  );

  for (const { metadata } of pods) {
    const types = policies
      .filter(({ spec }) =>
        Object.entries(spec.podSelector.matchLabels).every(
          ([name, value]) => metadata.labels[name] === value,
        ),
      )
      .flatMap(({ spec }) => spec.policyTypes);
    t.deepEqual(types.sort(), ["Egress", "Ingress"]);
  }
});
