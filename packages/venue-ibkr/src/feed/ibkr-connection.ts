import type { EpochContext, EpochSession, RetryPause, VenueRuntime } from "@oath-ws/venue-kit";
import { elapsedTimer } from "@oath-ws/venue-kit";
import type { Trade } from "../market/payloads.js";
import type { SessionKeeper } from "../session/session-keeper.js";
import { BrokerageLogin } from "./brokerage-login.js";
import { Dialect } from "./dialect.js";
import { Greeting } from "./greeting.js";
import { MarketLines } from "./market-lines.js";
import type { LinesParts } from "./market-lines.js";
import { TIC } from "./pulse.js";
import type { QuietWindow } from "./quiet-window.js";
import type { RowMerge } from "./row-merge.js";
import { SessionBinding } from "./session-binding.js";
import type { TopicRequests } from "./topic-requests.js";

/** What outlasts connections. */
export interface ConnectionParts {
  readonly runtime: Pick<VenueRuntime, "timer" | "random">;
  readonly session: SessionKeeper;
  readonly requests: TopicRequests;
  readonly quiet: QuietWindow;
  /** Executions have ids for ever, so that those which come again after a break are known. */
  readonly trades: RowMerge<Trade>;
  readonly confirmPause: RetryPause;
  readonly lines: LinesParts["options"];
  readonly ticEveryMs: number;
  readonly greetingTimeoutMs: number;
  readonly fault: (error: unknown) => void;
}

/** What is kept of one connection, from its beginning to its end. */
export class IbkrConnection implements EpochSession {
  readonly grammar: Dialect;
  readonly login: BrokerageLogin;
  readonly #lines: MarketLines;
  readonly #greeting: Greeting;
  readonly #binding: SessionBinding;
  #cancelTic: () => void = () => undefined;

  /** @param shown the session that the handshake has shown */
  constructor(connection: EpochContext, parts: ConnectionParts, shown: number) {
    const { runtime, session, confirmPause: pause, greetingTimeoutMs: timeoutMs } = parts;
    const { timer, random } = runtime;
    const elapsed = elapsedTimer(timer);
    const giveUp = (reason: string): void => connection.giveUp(reason);
    this.#binding = new SessionBinding({ timer, session, pause, shown, giveUp });
    this.#greeting = new Greeting({
      timer,
      timeoutMs,
      firstFrame: () => {
        this.#binding.named();
        return session.firstFrame();
      },
      say: (text) => connection.say(text),
      giveUp,
    });
    this.#lines = new MarketLines({
      timer: elapsed,
      random,
      options: parts.lines,
      again: (topic) => this.grammar.again(topic),
      expired: () => giveUp("market data lines may have died while we stood still"),
    });
    this.login = new BrokerageLogin(session, () => this.grammar.sessionLost());
    this.grammar = new Dialect({
      ...parts,
      connection,
      lines: this.#lines,
      login: this.login,
      greeting: this.#greeting,
      binding: this.#binding,
    });
    const tic = (): void => {
      this.#cancelTic = elapsed.schedule(parts.ticEveryMs, () => {
        connection.say(TIC);
        tic();
      });
    };
    tic();
  }

  stale(topic: string): void {
    this.grammar.revive(topic);
  }

  ended(): void {
    this.#cancelTic();
    this.#greeting.done();
    this.#binding.end();
    this.#lines.clear();
    this.login.end();
  }
}
