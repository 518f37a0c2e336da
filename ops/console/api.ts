import { exactFrom } from "./exact-json.ts";
import type {
  Alert,
  Cluster,
  Deliveries,
  AlertPage,
  Command,
  Curve,
  LogPage,
  QuotaPage,
  Reset,
  Health,
  LogStats,
  Problem,
  QuotaStats,
  Session,
  ShardChange,
  ShardPlan,
  Wish,
} from "./reply.ts";

/** Why a call brought nothing: `UNREACHED` = the service did not answer at all. */
export class ApiFault extends Error {
  readonly code: string;
  readonly problem: Partial<Problem> | null;

  constructor(code: string, message: string, problem: Partial<Problem> | null = null) {
    super(message);
    this.name = "ApiFault";
    this.code = code;
    this.problem = problem;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const callMaxMs = 15_000;
/** As long as the service waits for shards to move. */
const shardsMaxSeconds = 60;

/** The service's calls, in the name of one token. Each throws an ApiFault. */
export class Api {
  readonly #token: string;
  readonly #onFault: (fault: ApiFault | null) => void;

  /** @param onFault told after every call: null = the service answered */
  constructor(token: string, onFault: (fault: ApiFault | null) => void = () => undefined) {
    this.#token = token;
    this.#onFault = onFault;
  }

  /** The same token, with somebody else told. */
  with(onFault: (fault: ApiFault | null) => void): Api {
    return new Api(this.#token, onFault);
  }

  session(): Promise<Session> {
    return this.#get("/api/v1/session");
  }

  async health(): Promise<Health> {
    // 503 is an answer too: it says which part is down.
    const response = await this.#send("/health", {}, AbortSignal.timeout(callMaxMs));
    return (await response.json()) as Health;
  }

  quotaStats(top: number): Promise<QuotaStats> {
    return this.#get("/api/v1/quotas/stats", { top });
  }

  logStats(query: Query): Promise<LogStats> {
    return this.#get("/api/v1/usage-logs/stats", query);
  }

  /** @param seen versions that the answer must have reached, as `USD:7` */
  merchantQuotas(merchant: string, seen: string): Promise<QuotaPage> {
    return this.#get(`/api/v1/quotas/merchant/${encodeURIComponent(merchant)}`, {
      min_version: seen,
    });
  }

  curve(merchant: string, currency: string, window: string): Promise<Curve> {
    const key = `${encodeURIComponent(merchant)}/currency/${encodeURIComponent(currency)}`;
    return this.#get(`/api/v1/quotas/merchant/${key}/curve`, { window });
  }

  logs(merchant: string, query: Query): Promise<LogPage> {
    return this.#get(`/api/v1/usage-logs/merchant/${encodeURIComponent(merchant)}`, query);
  }

  logsOfOrder(orderNo: string, query: Query): Promise<LogPage> {
    return this.#get(`/api/v1/usage-logs/order/${encodeURIComponent(orderNo)}`, query);
  }

  command(name: "adjust" | "suspend" | "resume", body: object): Promise<Command> {
    return this.#post(`/api/v1/quotas/${name}`, body);
  }

  reset(body: object): Promise<Reset> {
    return this.#post("/api/v1/quotas/reset", body);
  }

  unresolvedAlerts(query: Query): Promise<AlertPage> {
    return this.#get("/api/v1/alerts/unresolved", query);
  }

  alertsOf(merchant: string, query: Query): Promise<AlertPage> {
    return this.#get(`/api/v1/alerts/merchant/${encodeURIComponent(merchant)}`, query);
  }

  resolve(alertId: string, notes: string): Promise<Alert> {
    return this.#post(`/api/v1/alerts/${alertId}/resolve`, { notes });
  }

  deliveries(alertId: string): Promise<Deliveries> {
    return this.#get(`/api/v1/alerts/${alertId}/deliveries`);
  }

  resend(alertId: string): Promise<object> {
    return this.#post(`/api/v1/alerts/${alertId}/resend`, {});
  }

  cluster(): Promise<Cluster> {
    return this.#get("/api/v1/cluster");
  }

  /** What a change of the shards' owners would do. */
  shardPlan(wish: Wish): Promise<ShardPlan> {
    return this.#post("/api/v1/cluster/plan", wish);
  }

  /** Answers once the shards have moved, or a minute is over. */
  shardChange(wish: Wish, plan: string): Promise<ShardChange> {
    const body = { ...wish, plan, wait_seconds: shardsMaxSeconds };
    return this.#post("/api/v1/cluster/change", body, shardsMaxSeconds * 1_000 + callMaxMs);
  }

  /** A stream that lasts; its caller reads it. */
  async live(signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const response = await this.#send("/api/v1/live", {}, signal);
    if (!response.ok) throw await this.#refused(response);
    if (response.body === null) throw new ApiFault("UNREACHED", "the stream is empty");
    return response.body;
  }

  async #get<Reply>(path: string, query: Query = {}): Promise<Reply> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== "") given.set(name, String(value));
    }
    const address = given.size === 0 ? path : `${path}?${given.toString()}`;
    return this.#read<Reply>(await this.#send(address, {}, AbortSignal.timeout(callMaxMs)));
  }

  async #post<Reply>(path: string, body: object, maxMs = callMaxMs): Promise<Reply> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return this.#read<Reply>(await this.#send(path, init, AbortSignal.timeout(maxMs)));
  }

  async #send(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#token}`);
    try {
      const response = await fetch(path, { ...init, headers, signal, cache: "no-store" });
      this.#onFault(null);
      return response;
    } catch (error) {
      const fault = new ApiFault("UNREACHED", String(error));
      if (!signal.aborted || signal.reason instanceof DOMException) this.#onFault(fault);
      throw fault;
    }
  }

  async #read<Reply>(response: Response): Promise<Reply> {
    if (!response.ok) throw await this.#refused(response);
    return exactFrom(await response.text()) as Reply;
  }

  async #refused(response: Response): Promise<ApiFault> {
    const problem = problemFrom(await response.text());
    const code = problem?.code ?? `HTTP ${response.status}`;
    const fault = new ApiFault(code, problem?.message ?? response.statusText, problem);
    this.#onFault(fault);
    return fault;
  }
}

function problemFrom(text: string): Partial<Problem> | null {
  try {
    const read = exactFrom(text);
    return typeof read === "object" && read !== null ? read : null;
  } catch {
    return null;
  }
}
