import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

/** Collects the routes that are registered after it into the published document. */
export async function useOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Merchant quota service",
        version,
        description:
          "What a merchant may still take today, this month and this year. Amounts are integers in minor units. " +
          "The examples succeed when they are sent in the order in which they stand here.",
      },
      tags: [
        { name: "Quotas", description: "Callers: check, take, hold, give back" },
        { name: "Administration", description: "Admins: correct, reset, suspend" },
        { name: "Reading", description: "Quotas and the usage log" },
        { name: "Alerts", description: "Limits that were reached" },
        { name: "Service", description: "Health and metrics" },
      ],
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        },
      },
    },
    transformObject: (document) => {
      if (!("openapiObject" in document)) return document.swaggerObject;
      const published = structuredClone(document.openapiObject);
      spellUnionsWithNull(published);
      nameProblems(published);
      return published;
    },
  });
}

/** Shows the document, from this origin only, under a policy that forbids every other source. */
export async function openapiPages(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/swagger",
    uiConfig: { persistAuthorization: true, docExpansion: "list", tryItOutEnabled: true },
  });
  // The page itself is at /swagger/: swagger-ui has no index.html under its prefix.
  app.get("/swagger/index.html", { schema: { hide: true } }, (_request, reply) =>
    reply.redirect("/swagger/"),
  );
}

/** `nullable` is how the serializer spells a union with null; the document spells it as OpenAPI 3.1 does. */
function spellUnionsWithNull(node: object): void {
  if ("nullable" in node && "type" in node) {
    node.type = [node.type, "null"];
    delete node.nullable;
  }
  for (const child of Object.values<unknown>({ ...node })) {
    if (typeof child === "object" && child !== null) spellUnionsWithNull(child);
  }
}

/** A schema does not say under which media type it is sent: answers that are RFC 9457 problems are sent as such. */
function nameProblems(node: object): void {
  if ("description" in node && isOfProblem(node.description) && hasContent(node)) {
    node.content = { "application/problem+json": node.content["application/json"] };
  }
  for (const child of Object.values<unknown>({ ...node })) {
    if (typeof child === "object" && child !== null) nameProblems(child);
  }
}

function isOfProblem(description: unknown): boolean {
  return typeof description === "string" && description.startsWith("RFC 9457");
}

function hasContent(node: object): node is { content: Record<string, unknown> } {
  return "content" in node && typeof node.content === "object";
}
