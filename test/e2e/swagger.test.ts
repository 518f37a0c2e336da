import test from "ava";

import { startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly example?: string;
}

interface Operation {
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly example: unknown } };
  };
}

interface Published {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Call {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** The calls as the page sends them: tag by tag, each with its example. */
function callsOf({ tags, paths }: Published): readonly Call[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return tags
    .flatMap(({ name }) => operations.filter(({ operation }) => operation.tags.includes(name)))
    .map(({ path, method, operation }) => ({
      title: `${method} ${path}`,
      method: method.toUpperCase(),
      path: filled(path, operation.parameters ?? []),
      body: operation.requestBody?.content["application/json"].example,
    }));
}

function filled(path: string, parameters: readonly Parameter[]): string {
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: place, example } of parameters) {
    if (example === undefined) continue;
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(example));
    else query.set(name, example);
  }
  return `${address}?${query.toString()}`;
}

test.serial("a newcomer who sends every example of the page in its order succeeds", async (t) => {
  const { url } = await startService(t, { ...(await ownStore(t)) });
  const authorization = `Bearer ${tokenOf({ user_type: "admin" })}`;
  const calls = callsOf((await (await fetch(`${url}/swagger/json`)).json()) as Published);

  // Once more each, as a newcomer does: a repeated order is answered as the first time.
  const failures: string[] = [];
  for (const { title, method, path, body } of [...calls, ...calls]) {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) failures.push(`${title}: ${answer.status} ${text}`);
  }

  t.is(calls.length, 34);
  // No alert exists yet, so that the example's id names none.
  const others = failures.filter((failure) => !/^post .*(resolve|resend): 404 /.test(failure));
  t.deepEqual(others, []);
});
