import { type TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** A schema as the published document has it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly not?: Schema;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Parameter {
  readonly in: "path" | "query";
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** One call of the published document. */
export interface ApiCall {
  /** Such as `POST /api/v1/quotas/consume`. */
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  /** What is wrong with an answer by the document, in words; null = nothing. */
  readonly wrongWith: (answer: {
    readonly status: number;
    readonly mediaType: string;
    readonly body: unknown;
  }) => string | null;
}

/** Every call that a running service publishes. */
export async function publishedCalls(url: string): Promise<readonly ApiCall[]> {
  const answer = await fetch(`${url}/swagger/json`);
  const { paths } = (await answer.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => callOf(method, path, described)),
  );
}

function callOf(name: string, path: string, described: Described): ApiCall {
  const method = name === "post" ? "POST" : "GET";
  const checks = new Map(
    Object.entries(described.responses).map(([status, { content }]) => [
      Number(status),
      content && { content, check: checkOf(content) },
    ]),
  );
  return {
    name: `${method} ${path}`,
    method,
    path,
    parameters: described.parameters ?? [],
    body: described.requestBody?.content["application/json"]?.schema ?? null,
    wrongWith: ({ status, mediaType, body }) => {
      if (!checks.has(status)) return `status ${status} is not in the document`;
      const described = checks.get(status);
      if (!described) return null;
      if (!Object.hasOwn(described.content, mediaType))
        return `${mediaType} is not in the document`;
      return mediaType.endsWith("json") ? described.check(body) : null;
    },
  };
}

function checkOf(content: Content): (body: unknown) => string | null {
  const [media] = Object.values(content);
  const check = Compile((media?.schema ?? {}) as TSchema);
  return (body) => {
    if (check.Check(body)) return null;
    const [first] = check.Errors(body);
    return `${first?.instancePath ?? ""} ${first?.message ?? "is not as documented"}`;
  };
}
