import {
  baseUrl,
  callback,
  checkOptions,
  choice,
  duration,
  flag,
  number,
  runtimeWith,
  required,
} from "@oath-ws/venue-kit";
import type { OptionRule, OptionRules, VenueRuntime } from "@oath-ws/venue-kit";
import { PACING } from "../rest/paces.js";
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
   * Told of every request of the keeper that failed. Default: no listener; the last one is the
   * state's `cause`.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** What each form of {@link AuthForm} has to be given. */
const FORMS: Readonly<Record<AuthForm["kind"], string | undefined>> = {
  cookie: undefined,
  "first-frame": undefined,
  oauth1: "accessToken",
  oauth2: "bearer",
};

const auth: OptionRule = (value, path) => {
  const form = (value ?? { kind: "cookie" }) as Readonly<Record<string, unknown>>;
  const { kind } = form as unknown as AuthForm;
  if (!Object.hasOwn(FORMS, kind)) return choice(...Object.keys(FORMS))(kind, `${path}.kind`);
  const needed = FORMS[kind];
  return needed === undefined ? [] : required(callback)(form[needed], `${path}.${needed}`);
};

const RULES: OptionRules<SessionOptions> = {
  runtime: runtimeWith("fetch"),
  tickleEveryMs: number({ min: 1, max: 300_000 }),
  confirmWithinMs: duration,
  retryMinMs: duration,
  requestTimeoutMs: duration,
  penaltyMs: duration,
  pacing: PACING,
  auth,
  restUrl: baseUrl("http", true),
  compete: flag,
  sign: callback,
  onFault: callback,
};

/** @throws ConfigError listing everything that is wrong */
export function checkSessionOptions(options: SessionOptions): void {
  checkOptions(options, RULES);
}
