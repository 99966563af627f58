import type { IdSpan } from "../../record.js";
import type { AccountChange, IbkrExecution } from "../account/account-change.js";
import type { Feed, FeedOutlet } from "./feed.js";

/** How often the venue repeats itself. */
export interface TradeRepeats {
  readonly tradeRepeatMs: number;
  readonly tradeRepeats: number;
}

/**
 * `str`: an empty frame, then what there is, then every execution as it comes; and each of these
 * frames over and over.
 */
export class TradeFeed implements Feed {
  readonly topic = "str";
  readonly needsBrokerage = true;
  readonly #outlet: FeedOutlet;
  readonly #repeats: TradeRepeats;
  #cancelRepeat: () => void = () => {};

  constructor(outlet: FeedOutlet, repeats: TradeRepeats, history: readonly IbkrExecution[]) {
    this.#outlet = outlet;
    this.#repeats = repeats;
    outlet.publish(this.topic, print([]));
    if (history.length > 0) this.#send(history);
  }

  changed(change: AccountChange): void {
    if (change.kind === "trade")
      this.#send([change.execution], { first: change.number, last: change.number });
  }

  stop(): void {
    this.#cancelRepeat();
  }

  #send(executions: readonly IbkrExecution[], span?: IdSpan): void {
    const text = print(executions);
    this.#outlet.publish(this.topic, text, span);
    this.#cancelRepeat();
    this.#repeat(text, this.#repeats.tradeRepeats);
  }

  #repeat(text: string, left: number): void {
    if (left === 0) return;
    this.#cancelRepeat = this.#outlet.after(this.#repeats.tradeRepeatMs, () => {
      this.#outlet.publish(this.topic, text);
      this.#repeat(text, left - 1);
    });
  }
}

function print(args: readonly IbkrExecution[]): string {
  return JSON.stringify({ topic: "str", args });
}
