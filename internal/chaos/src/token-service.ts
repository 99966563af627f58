import type { AuthContext, AuthSource, Handshake } from "oath-ws";
import type { Fault } from "./fault.js";

type AuthPlan = Extract<Fault, { kind: "auth" }>["plan"];

/**
 * Authorises attempts: writes the number of each into the URL, by which the records of the two
 * sides are matched.
 */
export class TokenService implements AuthSource {
  calls = 0;
  readonly #onAuthorised: (attempt: number) => void;
  readonly #plans: AuthPlan[] = [];

  /** @param onAuthorised called right before the attempt dials */
  constructor(onAuthorised: (attempt: number) => void) {
    this.#onAuthorised = onAuthorised;
  }

  /** What becomes of the next authorisation. */
  plan(plan: AuthPlan): void {
    this.#plans.push(plan);
  }

  heal(): void {
    this.#plans.length = 0;
  }

  async authorize(handshake: Handshake, { attempt }: AuthContext): Promise<Handshake> {
    this.calls++;
    const plan = this.#plans.shift();
    if (plan === "unreachable")
      throw Object.assign(new Error("no token service"), { code: "ECONNREFUSED" });
    // Does not even listen to its signal.
    if (plan === "hangs") return new Promise(() => undefined);
    if (plan === "slow") await new Promise((resolve) => setTimeout(resolve, 40));
    this.#onAuthorised(attempt);
    return { ...handshake, url: `${handshake.url}/?attempt=${attempt}` };
  }
}
