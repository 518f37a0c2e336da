import type {
  FastifyBaseLogger,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import type { TSchema } from "typebox";

import type { Currencies } from "../../domain/currency.ts";
import { faultOf } from "../../wire/fault.ts";
import { createChecker, type FieldError, fromText } from "../../wire/http-check.ts";
import { invalidRequest, problem, type Reply } from "../../wire/http-problem.ts";
import { faultReply } from "../../wire/reply.ts";
import { logFault } from "../answer.ts";
import { merchantAsked } from "../merchant-asked.ts";
import { send } from "../send.ts";
import type { Marks } from "./trace.ts";

/** What a check found wrong, on its way through fastify to the error handler. */
interface Invalid extends Error {
  readonly fields: readonly FieldError[];
}

/** Checks requests by their schemas, and answers whatever goes wrong as a problem. */
export function useErrors(
  app: FastifyInstance,
  options: {
    readonly currencies: Currencies;
    readonly log: FastifyBaseLogger;
    readonly marks: Marks;
  },
): void {
  const checker = createChecker(options.currencies);
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const check = checker(schema);
    return (value: unknown) => {
      // A body that was left out is empty: the answer then names what it lacks.
      const given = httpPart === "body" ? (value ?? {}) : fromText(schema, value);
      const checked = check(given);
      if (checked.kind === "valid") return { value: checked.value };
      const error = new Error("the request is invalid");
      return { error: Object.assign(error, { fields: checked.errors }) satisfies Invalid };
    };
  });
  app.setErrorHandler((error, request, reply) => {
    send(reply, troubleReply(error, request, options));
  });
  app.setNotFoundHandler((request, reply) => {
    send(reply, problem("NOT_FOUND", "there is no such path and method", request.id));
  });
}

/** Answers what fastify finds wrong before a route is known: a path that cannot be read. */
export function answerBadPath(
  _error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  send(reply, invalidRequest([unreadablePath], request.id));
}

const unreadablePath: FieldError = { field: "path", message: "cannot be read" };
const notJson: FieldError = { field: "body", message: "must be JSON" };

function troubleReply(
  error: unknown,
  request: FastifyRequest,
  { log, marks }: { readonly log: FastifyBaseLogger; readonly marks: Marks },
): Reply {
  if (isInvalid(error)) return invalidRequest(error.fields, request.id);
  const statusCode = statusCodeOf(error);
  if (statusCode === 413) {
    return problem("PAYLOAD_TOO_LARGE", "the body is larger than is taken", request.id);
  }
  if (statusCode === 415) {
    const message = "must be application/json";
    return invalidRequest([{ field: "content-type", message }], request.id);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    // Of a GET no body is read: it is the path of a page's file that leads elsewhere.
    const isPath = request.method === "GET";
    return invalidRequest([isPath ? unreadablePath : notJson], request.id);
  }
  const fault = faultOf(error);
  logFault(log, fault, marks.of(request), { merchantId: merchantAsked(request) });
  return faultReply(fault, request.id);
}

function isInvalid(error: unknown): error is Invalid {
  return error instanceof Error && "fields" in error;
}

/** Of an error that fastify made while it read the request. */
function statusCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
