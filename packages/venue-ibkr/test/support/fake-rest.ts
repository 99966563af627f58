import type { World } from "@oath-ws/testing";
import { createWorld } from "@oath-ws/testing";
import { SessionKeeper } from "@oath-ws/venue-ibkr";
import type { SessionOptions } from "@oath-ws/venue-ibkr";
import type { StrictFetch } from "@oath-ws/venue-kit";

/** What the venue answers, and after how long. */
export interface FakeAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly afterMs?: number;
}

/** A request that arrived at the venue. */
export interface FakeRequest {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Status = {
  readonly authenticated?: boolean;
  readonly competing?: boolean;
  readonly fail?: string;
};

/** A REST API in virtual time: a session that the test moves, and a record of what was asked. */
export class FakeRest {
  readonly world: World = createWorld();
  readonly requests: FakeRequest[] = [];
  sessionId = "s1";
  status: Status = { authenticated: true, competing: false };
  /** Answers to paths that are to differ. */
  answer: (request: FakeRequest) => FakeAnswer | undefined = () => undefined;

  readonly fetch: StrictFetch = async (url, { method, headers, body, signal }) => {
    const { timer } = this.world;
    const path = new URL(url).pathname.replace("/v1/api", "");
    const request = {
      at: timer.now(),
      method,
      path,
      headers,
      body: body === undefined ? undefined : (JSON.parse(body) as unknown),
    };
    this.requests.push(request);
    const {
      status = 200,
      body: text = this.#usual(path),
      headers: given = {},
      cookies = [],
      afterMs,
    } = this.answer(request) ?? {};
    if (afterMs !== undefined) await this.world.delay(afterMs);
    if (signal?.aborted === true) throw signal.reason;
    return {
      status,
      headers: given,
      cookies,
      body: typeof text === "string" ? text : JSON.stringify(text),
    };
  };

  keeper(options: Partial<SessionOptions> = {}): SessionKeeper {
    const { timer, random } = this.world;
    return new SessionKeeper({ runtime: { timer, random, fetch: this.fetch }, ...options });
  }

  /** When a path was asked. */
  times(path: string): readonly number[] {
    return this.requests.filter((request) => request.path === path).map(({ at }) => at);
  }

  #usual(path: string): unknown {
    if (path === "/tickle")
      return { session: this.sessionId, iserver: { authStatus: this.status } };
    if (path === "/iserver/auth/ssodh/init")
      return { passed: true, authenticated: true, connected: true, competing: false };
    return {};
  }
}
