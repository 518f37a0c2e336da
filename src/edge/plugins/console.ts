import { join } from "node:path";

import helmet from "@fastify/helmet";
import { fastifyStatic } from "@fastify/static";
import type { FastifyInstance } from "fastify";

import { packageFolder } from "../../platform/package.ts";

/** Where `npm run build` puts the page. */
const folder = join(packageFolder(), "dist", "console");

/** The operators' page: files of this origin only, under a policy that forbids every other source and all inline code. */
export async function consolePages(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(fastifyStatic, {
    root: folder,
    prefix: "/console/",
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // The names of all but the page itself change with their content.
      const isNamedByContent = path.startsWith(join(folder, "assets"));
      const caching = isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache";
      void reply.header("cache-control", caching);
    },
  });
  app.get("/console", { schema: { hide: true } }, (_request, reply) => reply.redirect("/console/"));
}
