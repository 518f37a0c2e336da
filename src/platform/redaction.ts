const redacted = "[redacted]";

const secretNames = [
  "authorization",
  "cookie",
  "credentials",
  "jwt",
  "jwtSecret",
  "password",
  "secret",
  "token",
  "ALERT_WEBHOOK_SECRET",
  "DB_PASSWORD",
  "JWT_SECRET",
  "REDIS_PASSWORD",
];
const headerNames = [
  "authorization",
  "cookie",
  "set-cookie",
  "proxy-authorization",
  "webhook-signature",
  "x-api-key",
];

/** Where a secret of any type may stand: a field of the line, of one of its objects, or a header. */
const paths = [
  ...secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  ...headerNames.flatMap((name) => [`headers["${name}"]`, `*.headers["${name}"]`]),
  // What the Redis client hangs on the error of a command; of a refused login that is the password.
  "*.command.args",
];

/** What the logger takes out of a line's objects before it prints them. */
export const redaction = { paths, censor: redacted };

const secretName = String.raw`[^"\\]{0,64}(?:authorization|cookie|credential|jwt|passw(?:or)?d|secret|signature|token|api[-_]?key)[^"\\]{0,64}`;
const text = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;

/** What gives a secret away wherever it stands in a printed line, in the words of an error too. */
const tells: readonly (readonly [form: RegExp, instead: string])[] = [
  // A text under a secret's name, at any depth; and a setting that is given as its name and its value.
  [new RegExp(`("${secretName}":)${text}`, "gi"), `$1"${redacted}"`],
  [new RegExp(`("(?:key|name|setting)":"${secretName}","value":)${text}`, "gi"), `$1"${redacted}"`],
  // User and password, or a token, before the host of an address.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"/]*@/gi, `$1${redacted}@`],
  [/\bBearer [\w.~+/-]+=*/gi, `Bearer ${redacted}`],
  // A JWT, and the secret and the signature of a webhook.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, redacted],
  [/\bwhsec_[\w+/-]+=*/g, redacted],
  [/\bv1,[\w+/-]{43}=/g, redacted],
];

/** A printed line of the log without what looks like a secret. */
export function scrubbed(line: string): string {
  return tells.reduce((kept, [form, instead]) => kept.replace(form, instead), line);
}
