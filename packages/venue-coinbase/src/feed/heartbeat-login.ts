import type { Timer, WsError } from "@oath-ws/contract";
import { scheduleDeadline } from "@oath-ws/resilience";
import type { Login, LoginContext } from "@oath-ws/venue-kit";
import { refusalVerdict } from "./venue-refusal.js";

/** What a {@link HeartbeatLogin} does its work with. */
export interface HeartbeatLoginParts {
  readonly timer: Timer;
  /**
   * How long the venue may take to answer before the connection counts as mute, in milliseconds.
   */
  readonly answerWithinMs: () => number;
  /** A connection begins. */
  readonly begin: () => void;
  /** Subscribes the heartbeats with the query's id. */
  readonly ask: (id: number) => string;
  readonly forget: (id: number) => void;
  /** The connection is of no use. */
  readonly giveUp: (reason: string) => void;
}

/**
 * What every connection begins with: the heartbeats. They keep the venue from ending a connection
 * on which nothing is subscribed within 5 s (C-3) or nothing happens for a minute (C-8), and their
 * silence tells a mute connection from a quiet one.
 */
export class HeartbeatLogin implements Login {
  readonly #parts: HeartbeatLoginParts;

  constructor(parts: HeartbeatLoginParts) {
    this.#parts = parts;
  }

  async run({ ask, attempt }: LoginContext): Promise<void> {
    const { begin, timer, answerWithinMs, giveUp, forget } = this.#parts;
    if (attempt === 1) begin();
    const cancel = scheduleDeadline(timer, answerWithinMs(), () =>
      giveUp("the heartbeats are not confirmed"),
    );
    let asked = 0;
    try {
      await ask((id) => {
        asked = id;
        return this.#parts.ask(id);
      });
    } finally {
      cancel();
      forget(asked);
    }
  }

  classify(error: WsError): "transient" | "permanent" {
    return refusalVerdict(error) === "never" ? "permanent" : "transient";
  }
}
