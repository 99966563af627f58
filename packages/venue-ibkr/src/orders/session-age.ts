import { WsError } from "@oath-ws/contract";
import type { ElapsedTimer } from "@oath-ws/venue-kit";
import type { SessionKeeper } from "../session/session-keeper.js";

/** How long an answer to `/tickle` may take before it is missed, in milliseconds. */
const ANSWER_MS = 10_000;

/**
 * Tells when the session was not confirmed by `/tickle` for two of its periods. That the gateway
 * has another session shows with `/tickle` alone (I-31), and in a penalty box, or while requests
 * fail, nothing may be asked: a stream that beats may bring nothing then.
 */
export class SessionAge {
  readonly #session: SessionKeeper;
  readonly #timer: ElapsedTimer;
  readonly #tell: (doubt: WsError | undefined) => void;
  readonly #unsubscribe: () => void;
  #tickledAt: number | undefined;
  #cancel: () => void = () => undefined;

  /** @param tell told of the doubt, and of its end; a doubt may be told again */
  constructor(
    session: SessionKeeper,
    timer: ElapsedTimer,
    tell: (doubt: WsError | undefined) => void,
  ) {
    this.#session = session;
    this.#timer = timer;
    this.#tell = tell;
    this.#unsubscribe = session.state.subscribe(() => this.#look());
    this.#look();
  }

  end(): void {
    this.#unsubscribe();
    this.#cancel();
  }

  #look(): void {
    const { tickledAt } = this.#session.state.snapshot;
    if (tickledAt === undefined || tickledAt === this.#tickledAt) return;
    this.#tickledAt = tickledAt;
    this.#cancel();
    this.#tell(undefined);
    const waitMs = 2 * this.#session.tickleEveryMs + ANSWER_MS;
    this.#cancel = this.#timer.schedule(waitMs, () => this.#tell(unconfirmed(waitMs)));
  }
}

function unconfirmed(ms: number): WsError {
  const message =
    `the venue has not confirmed the session for ${ms / 1_000} s: ` +
    "orders may have changed unheard. It is asked again as soon as it may be";
  return new WsError({ kind: "timeout", code: "SESSION_UNCONFIRMED", message });
}
