import { existsSync } from "node:fs";
import { join } from "node:path";

import test from "ava";
import { Type } from "typebox";

import { packageFolder } from "../../src/platform/package.ts";
import { manifest, textOf, unknownSettings } from "../support/manifest.ts";

const words = Type.Array(Type.String());
const serviceSchema = Type.Object({
  image: Type.String(),
  build: Type.Optional(Type.String()),
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
  ports: Type.Optional(words),
  volumes: Type.Optional(words),
  networks: words,
  profiles: Type.Optional(words),
  user: Type.Optional(Type.String()),
  read_only: Type.Boolean(),
  cap_drop: words,
  cap_add: Type.Optional(words),
  security_opt: words,
  restart: Type.String(),
  mem_limit: Type.String(),
  cpus: Type.Number(),
  pids_limit: Type.Integer(),
  stop_grace_period: Type.Optional(Type.String()),
  healthcheck: Type.Optional(Type.Object({ interval: Type.String(), retries: Type.Integer() })),
  depends_on: Type.Optional(Type.Unknown()),
});
const composeSchema = Type.Object({
  services: Type.Record(Type.String(), serviceSchema),
  networks: Type.Record(Type.String(), Type.Object({ internal: Type.Optional(Type.Boolean()) })),
  volumes: Type.Record(Type.String(), Type.Unknown()),
});
const prometheusSchema = Type.Object({
  rule_files: words,
  scrape_configs: Type.Array(
    Type.Object({
      job_name: Type.String(),
      metrics_path: Type.String(),
      static_configs: Type.Array(Type.Object({ targets: words })),
    }),
  ),
});

const file = "docker-compose.yml";
const { services, networks, volumes } = manifest(file, composeSchema);
const every = Object.entries(services);
const ours = every.filter(([, { build }]) => build !== undefined);

test("two edges and three shard nodes, each under a name of its own", (t) => {
  const roles = ours.map(([name, { environment = {} }]) => {
    t.is(environment["NODE_NAME"], name);
    return environment["ROLES"];
  });

  t.deepEqual(roles, ["edge", "edge", "shard", "shard", "shard"]);
});

test("our containers are given settings that there are", (t) => {
  for (const [name, { environment = {} }] of ours) {
    t.deepEqual(unknownSettings(Object.keys(environment)), [], name);
    t.is(environment["NODE_ENV"], "production", name);
  }
});

test("no container may write to its image, gain rights, or take the whole machine", (t) => {
  for (const [name, service] of every) {
    t.true(service.read_only, name);
    t.deepEqual(service.cap_drop, ["ALL"], name);
    t.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
    t.regex(service.mem_limit, /^[0-9]+[mg]$/, name);
    t.true(service.cpus > 0 && service.pids_limit > 0, name);
    t.is(service.restart, "unless-stopped", name);
    t.true(service.build !== undefined || service.healthcheck !== undefined, name);
    t.notRegex(service.image, /:latest$|^[^:]+$/, name);
  }
  t.deepEqual(
    every.filter(([, { cap_add: added }]) => added !== undefined).map(([name]) => name),
    ["db"],
  );
});

test("there is no default secret, and the one line makes all that are asked for", (t) => {
  const text = textOf(file);
  const asked = [...text.matchAll(/\$\{(\w*(?:SECRET|PASSWORD)\w*)(:\?)?/g)];
  const optional = new Set(["ALERT_WEBHOOK_SECRET"]);
  const required = new Set(
    asked.map(([, name = ""]) => name).filter((name) => !optional.has(name)),
  );
  const [, loop = ""] = /for name in ([A-Z_ \\#\n]+); do/.exec(text) ?? [];
  const made = loop.match(/[A-Z_]+/g) ?? [];

  t.deepEqual(
    asked.filter(([, name = "", refusal]) => !optional.has(name) && refusal !== ":?"),
    [],
  );
  t.deepEqual([...made].sort(), [...required].sort());
});

test("NATS is given every password that its users have", (t) => {
  const asked = [...textOf("ops/nats/users.conf").matchAll(/\$(\w+)/g)].map(
    ([, name = ""]) => name,
  );

  t.deepEqual(Object.keys(services["nats"]?.environment ?? {}), asked);
});

test("a stop leaves a process the time to finish what it has accepted", (t) => {
  for (const [name, { stop_grace_period: grace = "10s" }] of ours) {
    t.true(Number.parseInt(grace, 10) > 20, name);
  }
});

test("what is mounted is there, and the stores are reached from inside alone", (t) => {
  for (const [name, service] of every) {
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":");
      if (source.startsWith("./")) t.true(existsSync(join(packageFolder(), source)), volume);
      else t.true(source in volumes, volume);
    }
    for (const port of service.ports ?? []) t.regex(port, /127\.0\.0\.1/, name);
    t.true(service.networks.length > 0, name);
    t.true(service.networks.every((network) => network in networks));
  }
  t.true(networks["stores"]?.internal);
  for (const store of ["db", "nats", "redis"]) {
    t.deepEqual(services[store]?.networks, ["stores"]);
    t.is(services[store]?.ports, undefined);
  }
});

test("the balancer knows every edge, and asks it what an edge answers", (t) => {
  const text = textOf("ops/docker/haproxy.cfg");
  const edges = ours
    .filter(([, { environment = {} }]) => environment["ROLES"] === "edge")
    .map(([name]) => name);

  t.deepEqual(
    [...text.matchAll(/^ {2}server (\S+) (\S+)$/gm)].map(([, name, address]) => [name, address]),
    edges.map((edge) => [edge, `${edge}:40022`]),
  );
  t.regex(text, /option httpchk GET \/health\/ready\n/);
});

test("Prometheus, where it is wanted, watches every process by the rules of this service", (t) => {
  const { rule_files: files, scrape_configs: jobs } = manifest(
    "ops/docker/prometheus.yml",
    prometheusSchema,
  );

  t.deepEqual(files, ["alerts.yml"]);
  t.deepEqual(
    jobs.map(({ job_name: name, metrics_path: path }) => [name, path]),
    [["merchant-quota", "/metrics"]],
  );
  t.deepEqual(
    jobs.flatMap(({ static_configs: targets }) => targets.flatMap((each) => each.targets)),
    ours.map(([name]) => `${name}:40022`),
  );
  t.deepEqual(
    every.filter(([, { profiles = [] }]) => profiles.includes("watch")).map(([name]) => name),
    ["prometheus", "grafana"],
  );
});
