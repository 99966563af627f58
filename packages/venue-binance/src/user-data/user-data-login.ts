import type { WsError } from "@oath-ws/contract";
import { isWsError, WsError as Failure } from "@oath-ws/contract";
import type { Keepalive, Login, LoginContext, VenueClock } from "@oath-ws/venue-kit";
import { apiVerdict } from "../rest/api-error.js";
import type { WeightBudget } from "../rest/weight-budget.js";
import type { Credentials } from "./credentials.js";
import { SIGN_FAULT, signParams } from "./sign-params.js";
import type { Params } from "./sign-params.js";

/**
 * How a connection comes to the account's events:
 *
 * - `signature`: one signed request, `userDataStream.subscribe.signature`; with any kind of key
 *   (B-34)
 * - `session`: `session.logon`, then `userDataStream.subscribe`; with Ed25519 keys only (B-33)
 */
export type LoginMode = "signature" | "session";

interface Parts {
  readonly credentials: Credentials;
  readonly mode: LoginMode;
  readonly clock: VenueClock;
  /** The address's: a login obeys its pauses, and is counted. */
  readonly budget: WeightBudget;
}

/** Subscribes the account's events on every new connection; nothing of it survives the old one. */
export class UserDataLogin implements Login {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Asks nothing while the venue wants to hear nothing from this address, wherever it said so.
   * Tries once more after the clocks were compared, when the venue found ours to be off.
   */
  async run(context: LoginContext): Promise<void> {
    const { budget, mode } = this.#parts;
    const blockedMs = budget.blockedForMs;
    if (blockedMs > 0) throw blocked(blockedMs);
    // On a connection that was made for it: what is tried again on the same one costs a little
    // less.
    budget.charge(CONNECTION_WEIGHT + (mode === "session" ? 2 : 1) * REQUEST_WEIGHT);
    try {
      await this.#subscribe(context);
    } catch (error) {
      if (!isWsError(error) || apiVerdict(error) !== "clock") throw error;
      await this.#parts.clock.compare(() => askTime(context));
      await this.#subscribe(context);
    }
  }

  classify(error: WsError): "transient" | "permanent" {
    // A clock that is still off after it was compared may have been off by the delay of the answer:
    // worth another try, later.
    return apiVerdict(error) === "permanent" || error.code === SIGN_FAULT
      ? "permanent"
      : "transient";
  }

  async #subscribe({ ask }: LoginContext): Promise<void> {
    if (this.#parts.mode === "session") {
      await request(ask, "session.logon", await this.#signed());
      await request(ask, "userDataStream.subscribe");
    } else {
      await request(ask, "userDataStream.subscribe.signature", await this.#signed());
    }
  }

  #signed(): Promise<Params> {
    const { credentials, clock } = this.#parts;
    return signParams(credentials, clock.now());
  }
}

/** What a connection, and each request of a login, costs (B-31). */
export const CONNECTION_WEIGHT = 2;
const REQUEST_WEIGHT = 2;

function blocked(retryAfterMs: number): Failure {
  return new Failure({
    kind: "throttled",
    code: "ADDRESS_BLOCKED",
    message:
      "the venue asked this address to stay away. The login is tried again when the pause is over",
    retryAfterMs,
  });
}

/** A revoked key is noticed with the next request only (B-37), and the stream itself needs none. */
export function sessionCheck(mode: LoginMode, everyMs: number): Keepalive | undefined {
  if (mode !== "session") return undefined;
  return {
    everyMs,
    run: async (ask) => {
      await request(ask, "session.status");
    },
    classify: (error) => (apiVerdict(error) === "permanent" ? "permanent" : "transient"),
  };
}

/** Asks the venue what time it is, in Unix milliseconds. */
export async function askTime({ ask }: LoginContext): Promise<number> {
  return readTime(await request(ask, "time"));
}

/** The time in an answer to `time`, in Unix milliseconds. @throws WsError */
export function readTime(answer: unknown): number {
  const time =
    typeof answer === "object" && answer !== null && "serverTime" in answer
      ? answer.serverTime
      : undefined;
  if (typeof time === "number") return time;
  throw new Failure({
    kind: "server",
    code: "FRAME_UNKNOWN",
    message: "the venue's answer to `time` holds no time",
  });
}

function request(
  ask: LoginContext["ask"],
  method: string,
  params?: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  return ask((id) =>
    JSON.stringify(params === undefined ? { id, method } : { id, method, params }),
  );
}
