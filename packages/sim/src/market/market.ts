import { SimOptionError } from "../option-error.js";
import { every, type SimTimer } from "../platform.js";
import { SeededRandom } from "../random.js";
import { type Activity, SymbolMarket, type SymbolStep } from "./symbol-market.js";
import type { SymbolSpec } from "./symbol-spec.js";
import type { TakerOrder } from "./trade-generator.js";

/** How the market is set up and paced. */
export interface MarketSettings extends Activity {
  readonly seed: number;
  readonly symbols: readonly SymbolSpec[];
  /** Time of the first step minus one step, in ms since 1970. */
  readonly startTimeMs: number;
  /** Whether the market moves by a timer. */
  readonly auto: boolean;
  /** Real milliseconds per step. */
  readonly stepMs: number;
}

/** Told of what happens in the market, at the moment it happens. */
export interface MarketListener {
  stepped(market: SymbolMarket, step: SymbolStep): void;
  /** All symbols have made the step. */
  settled(onSecond: boolean): void;
  /** An order out of turn. */
  burst(market: SymbolMarket, order: TakerOrder): void;
}

/** Market milliseconds that one step stands for. */
const STEP_SPAN_MS = 100;
/**
 * After a stall of the process, at most this many steps are made up for at once; the market then
 * stays behind.
 */
const MAX_CATCH_UP = 20;

/** All symbols, moved on together: by a timer, or by hand with {@link step}. */
export class Market {
  readonly #settings: MarketSettings;
  readonly #listener: MarketListener;
  readonly #timer: SimTimer;
  readonly #symbols: Map<string, SymbolMarket> = new Map();
  #steps = 0;
  #cancel: () => void = () => {};

  constructor(settings: MarketSettings, listener: MarketListener, timer: SimTimer) {
    this.#timer = timer;
    this.#settings = settings;
    this.#listener = listener;
    const random = new SeededRandom(settings.seed);
    for (const spec of settings.symbols) {
      if (this.#symbols.has(spec.symbol))
        throw new SimOptionError("symbols", `${spec.symbol} is given twice`);
      const market = new SymbolMarket(
        spec,
        settings,
        random.fork(spec.symbol),
        settings.startTimeMs,
      );
      this.#symbols.set(spec.symbol, market);
    }
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#steps;
  }

  get symbols(): readonly SymbolMarket[] {
    return [...this.#symbols.values()];
  }

  /** A symbol by its upper-case name. */
  symbol(name: string): SymbolMarket | undefined {
    return this.#symbols.get(name);
  }

  /** Moves every symbol on by `count` steps, now. */
  step(count = 1): void {
    for (let made = 0; made < count; made++) {
      this.#steps++;
      const time = this.#settings.startTimeMs + this.#steps * STEP_SPAN_MS;
      for (const market of this.#symbols.values())
        this.#listener.stepped(market, market.step(time));
      this.#listener.settled(this.#steps % this.#settings.stepsPerSecond === 0);
    }
  }

  /** One extra order of a symbol, now. */
  burst(market: SymbolMarket): void {
    this.#listener.burst(market, market.burst());
  }

  /**
   * Starts the pace, unless the market is moved by hand: one step per `stepMs`. Late timers are
   * made up for, up to a bound.
   */
  start(): void {
    if (!this.#settings.auto) return;
    let origin = this.#timer.now();
    let made = 0;
    const turn = (): void => {
      const due = Math.floor((this.#timer.now() - origin) / this.#settings.stepMs);
      const count = Math.min(due - made, MAX_CATCH_UP);
      if (count > 0) this.step(count);
      made += count;
      if (made < due) {
        origin += (due - made) * this.#settings.stepMs;
      }
    };
    this.#cancel = every(this.#timer, Math.max(1, this.#settings.stepMs), turn);
  }

  /** Stops the pace. */
  stop(): void {
    this.#cancel();
  }
}
