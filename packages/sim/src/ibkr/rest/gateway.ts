import type { IncomingMessage, ServerResponse } from "node:http";
import type { VenueClock } from "../../clock.js";
import { readBody } from "../../wire/read-body.js";
import type { SimIbkrAccount } from "../account/account.js";
import type { IbkrJournal } from "../journal.js";
import type { IbkrSettings } from "../resolve-options.js";
import type { GatewaySession } from "../session/gateway-session.js";
import { GATEWAY_COOKIE, parseCookies } from "../session/identify.js";
import { accounts, authStatus, failOf } from "../session/status.js";
import { withQuantities } from "../topics/order-feed.js";
import { OrderTroubles } from "../../faults/order-troubles.js";
import { WaitingFaults } from "../../faults/waiting-faults.js";
import { resetSocket } from "../../reset-socket.js";
import { type Answer, OrderRoutes, type Reply } from "./order-routes.js";
import type { Pacing } from "./pacing.js";

const BASE = "/v1/api";
const MAX_BODY_BYTES = 65_536;

/** The parts that requests act on. */
export interface GatewayParts {
  readonly settings: IbkrSettings;
  readonly clock: VenueClock;
  readonly journal: IbkrJournal;
  readonly session: GatewaySession;
  readonly account: SimIbkrAccount;
  readonly pacing: Pacing;
}

type Route = (body: unknown) => Reply;

const ok = (body: unknown): Answer => ({ status: 200, body });
const failure = (status: number, error: string): Answer => ({
  status,
  body: { error, statusCode: status },
});

/** The REST half of the gateway (I-13). */
export class Gateway {
  readonly #parts: GatewayParts;
  /** What goes wrong with the next orders. */
  readonly troubles: OrderTroubles = new OrderTroubles();
  readonly #routes: Readonly<Record<string, Route>>;
  readonly #orderRoutes: OrderRoutes;
  readonly #failures: WaitingFaults<{
    readonly status: number;
    readonly path: string | undefined;
  }> = new WaitingFaults();
  /** The brokerage session in which orders were asked for last, and how often. */
  #ordersAsked = { session: "", count: 0 };

  constructor(parts: GatewayParts) {
    const { session, account, settings } = parts;
    const status: Route = () => ok({ ...authStatus(session), ...failOf(session) });
    const brokerage =
      (route: () => Answer): Route =>
      () =>
        session.state === "brokerage" ? route() : failure(401, "not authenticated");
    this.#parts = parts;
    this.#orderRoutes = new OrderRoutes({ ...parts, troubles: this.troubles });
    this.#routes = {
      "POST /tickle": () => ok(this.#tickle()),
      "GET /tickle": () => ok(this.#tickle()),
      "POST /iserver/auth/status": status,
      "GET /iserver/auth/status": status,
      "GET /sso/validate": () => ok(this.#validation()),
      "POST /iserver/auth/ssodh/init": (body) => this.#initialise(body),
      "POST /logout": () => {
        session.apply("login-ended");
        return ok({ status: true });
      },
      "GET /iserver/accounts": brokerage(() => {
        this.#orderRoutes.accountsAsked();
        return ok(accounts(session, settings.account.id));
      }),
      "GET /iserver/account/orders": brokerage(() => ok(this.#orders())),
      "GET /iserver/account/trades": brokerage(() => ok(account.executions)),
    };
  }

  /** Serves one request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { journal, clock } = this.#parts;
    const method = request.method ?? "GET";
    const url = (request.url ?? "/").replace(/\?.*$/, "");
    const path = url.startsWith(`${BASE}/`) ? url.slice(BASE.length) : undefined;
    let text: string | undefined;
    try {
      text = await readBody(request, MAX_BODY_BYTES);
    } catch {
      // The client went away in the middle of its request: there is no one to answer.
      response.destroy();
      return;
    }
    const at = clock.now();
    const respond = ({ status, body }: Answer): void => {
      journal.request({ at, method, path: path ?? url, status });
      response.writeHead(status, {
        "Content-Type": "application/json",
        ...this.#cookies(request, status),
      });
      response.end(JSON.stringify(body));
    };
    const answer =
      path === undefined ? failure(404, "not found") : this.#answer(method, path, text, at);
    if ("status" in answer) respond(answer);
    else if ("afterMs" in answer) clock.after(answer.afterMs, () => respond(answer.answer()));
    else if ("reset" in answer) resetSocket(request.socket);
  }

  /** The next requests, of this path or of any, fail. */
  failNext(status: number, count: number, path: string | undefined): void {
    this.#failures.add({ status, path }, count);
  }

  /** Forgets the failures that wait. */
  clear(): void {
    this.#failures.clear();
    this.troubles.clear();
  }

  #answer(method: string, path: string, text: string | undefined, at: number): Reply {
    const { journal, session, pacing } = this.#parts;
    const verdict = pacing.judge(path, at);
    if (verdict !== "served") {
      journal.count(verdict === "violation" ? "pacingViolations" : "penalised");
      return failure(429, "Too many requests");
    }
    const failed = this.#failures.take((each) => (each.path ?? path) === path);
    if (failed !== undefined) return failure(failed.status, "failure by request");
    if (session.state === "logged-out") return failure(401, "not logged in");
    session.used();
    const body = text === undefined ? undefined : parse(text);
    const route = this.#routes[`${method} ${path}`];
    if (body === undefined) return failure(400, "Bad Request: body");
    if (route !== undefined) return route(body);
    return this.#orderRoutes.answer(method, path, body) ?? failure(404, "not found");
  }

  #tickle(): object {
    const { session } = this.#parts;
    return {
      session: session.id,
      ssoExpires: session.remainingMs,
      collission: false,
      userId: 123,
      hmds: { error: "no bridge" },
      iserver: { authStatus: authStatus(session) },
    };
  }

  #validation(): object {
    const { session, settings } = this.#parts;
    const features = { env: "PROD", wlms: true, realtime: true };
    return {
      USER_NAME: settings.session.username,
      RESULT: true,
      AUTH_TIME: session.loggedInAt,
      EXPIRES: session.remainingMs,
      LOGIN_TYPE: 1,
      features,
      region: "NJ",
      ...failOf(session),
    };
  }

  /**
   * Takes a while; a rival that has the session keeps it unless `compete` (I-13: `competing` is not
   * true then).
   */
  #initialise(body: unknown): Reply {
    const { session, settings } = this.#parts;
    const compete =
      typeof body === "object" && body !== null && "compete" in body && body.compete === true;
    const answer = (): Answer => {
      if (session.state === "logged-out") return failure(401, "not logged in");
      const passed = session.initialise(compete);
      return ok({ passed, authenticated: passed, connected: true, competing: false });
    };
    return { afterMs: settings.session.initMs, answer };
  }

  #orders(): object {
    const { session, account, settings } = this.#parts;
    const { coldOrders, settledOrders, quantities } = settings.wire;
    const { id } = session;
    const before = this.#ordersAsked.session === id ? this.#ordersAsked.count : 0;
    this.#ordersAsked = { session: id, count: before + 1 };
    if (before < coldOrders) return { orders: [], snapshot: false };
    const orders = account.orders.map((order) => withQuantities(order, quantities));
    return { orders, snapshot: settledOrders || orders.length === 0 };
  }

  /** The gateway sets its cookie for a client that does not show it. */
  #cookies(request: IncomingMessage, status: number): Readonly<Record<string, string>> {
    const { session, settings } = this.#parts;
    if (session.state === "logged-out" || status === 429) return {};
    if (parseCookies(request.headers.cookie ?? "").get(GATEWAY_COOKIE) === session.cookie)
      return {};
    // Over plain HTTP a client would not send a secure cookie back.
    const secure = settings.tls === undefined ? "" : "; Secure";
    return { "Set-Cookie": `${GATEWAY_COOKIE}=${session.cookie}; HttpOnly${secure}; Path=${BASE}` };
  }
}

/** A body's JSON, an empty one counting as `{}`; `undefined` if it is none. */
function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
