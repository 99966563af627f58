import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import { pacingIssues } from "../rest/paces.js";
import type { PacingOptions } from "../rest/paces.js";
import type { RequestSigner } from "../rest/rest-client.js";
import type { AuthForm } from "./auth-form.js";

/** The REST API of a gateway on this machine (I-1). */
export const REST_URL = "https://localhost:5000/v1/api";

/** Options of `SessionKeeper`. */
export interface SessionOptions {
  /**
   * Clocks, jitter and HTTP: `nodeRuntime` of `oath-ws`, or what its `nodeRuntimeWith` gives for a
   * self-signed certificate.
   */
  readonly runtime: Pick<VenueRuntime, "fetch" | "random" | "timer">;
  /** Scheme, host, port and base path of the REST API. Default {@link REST_URL}. */
  readonly restUrl?: string | undefined;
  /** How the WebSocket is told whose it is. Default `cookie`. */
  readonly auth?: AuthForm | undefined;
  /** Adds headers to every REST request, for venues behind OAuth. Default none. */
  readonly sign?: RequestSigner | undefined;
  /**
   * Whether the session is asked for with `compete`, which ends what another platform of the user
   * does: at the start, and when we have lost it otherwise. Default false. One that another
   * platform takes from us is never fought for by itself: see `takeOver()`.
   */
  readonly compete?: boolean | undefined;
  /**
   * Milliseconds between two `/tickle`s. Default 60 000: the session dies after about 6 minutes
   * without a request (I-9).
   */
  readonly tickleEveryMs?: number | undefined;
  /**
   * How long the venue may take to confirm a session that it has accepted, before it is asked
   * again, in milliseconds. Default 30 000.
   */
  readonly confirmWithinMs?: number | undefined;
  /**
   * The first pause after something failed, in milliseconds; it doubles up to 5 minutes. Default 5
   * 000.
   */
  readonly retryMinMs?: number | undefined;
  /** How long one request may take, in milliseconds. Default 10 000. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How long nothing is asked after a 429, in milliseconds, unless `Retry-After` says more. Default
   * 900 000, the longest that is documented.
   */
  readonly penaltyMs?: number | undefined;
  /** Limits over the documented ones. */
  readonly pacing?: PacingOptions | undefined;
  /**
   * Told of every request of the keeper that failed. Default: nobody; the last one is the state's
   * `cause`.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const KEYS: Readonly<Record<keyof SessionOptions, true>> = {
  runtime: true,
  restUrl: true,
  auth: true,
  sign: true,
  compete: true,
  tickleEveryMs: true,
  confirmWithinMs: true,
  retryMinMs: true,
  requestTimeoutMs: true,
  penaltyMs: true,
  pacing: true,
  onFault: true,
};

const FORMS: Readonly<Record<AuthForm["kind"], string | undefined>> = {
  cookie: undefined,
  "first-frame": undefined,
  oauth1: "accessToken",
  oauth2: "bearer",
};

/** @throws ConfigError listing everything that is wrong */
export function checkSessionOptions(options: SessionOptions): void {
  const issues = [
    ...unknownKeyIssues(options, KEYS),
    ...numberIssues(
      { ...options },
      {
        tickleEveryMs: { min: 1, max: 300_000 },
        confirmWithinMs: { min: 1 },
        retryMinMs: { min: 1 },
        requestTimeoutMs: { min: 1 },
        penaltyMs: { min: 1 },
      },
    ),
    ...pacingIssues(options.pacing),
    ...authIssues(options.auth),
    ...urlIssues(options.restUrl),
  ];
  if (options.compete !== undefined && typeof options.compete !== "boolean") {
    issues.push({ path: "compete", message: `must be a boolean, got ${typeof options.compete}` });
  }
  if (typeof options.runtime?.fetch !== "function")
    issues.push({ path: "runtime.fetch", message: "must be a function" });
  if (issues.length > 0) throw new ConfigError(issues);
}

function authIssues(auth: AuthForm | undefined): ConfigIssue[] {
  if (auth === undefined) return [];
  if (!Object.hasOwn(FORMS, auth.kind)) {
    return [{ path: "auth.kind", message: `must be one of ${Object.keys(FORMS).join(", ")}` }];
  }
  const needed = FORMS[auth.kind];
  if (
    needed === undefined ||
    typeof (auth as unknown as Record<string, unknown>)[needed] === "function"
  )
    return [];
  return [{ path: `auth.${needed}`, message: "must be a function" }];
}

function urlIssues(url: string | undefined): ConfigIssue[] {
  if (url === undefined) return [];
  const path = "restUrl";
  if (!URL.canParse(url)) return [{ path, message: "is not an absolute URL" }];
  const { protocol, search, hash } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:")
    return [{ path, message: "must begin with http: or https:" }];
  return search === "" && hash === ""
    ? []
    : [{ path, message: "must have neither query nor fragment" }];
}
