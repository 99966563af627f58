import { ConfigError } from "@oath-ws/contract";
import type { Timer } from "@oath-ws/contract";
import type { SubscribeOptions } from "../topic/subscription.js";
import { MarketReader } from "./market-reader.js";
import type { MarketSource } from "./market-source.js";

/** Subscribes a symbol with these options, whose policy is set. Throws where that is refused. */
export type OpenSymbol<T> = (symbol: string, options: SubscribeOptions) => MarketSource<T>;

/** Reads all symbols that others hold. */
const ALL = "*";

/**
 * Readers of one kind of event, of one symbol or of many. It knows which symbols are held, so that
 * a reader of `"*"` follows them: it reads a symbol from when another reader holds it until none
 * does.
 */
export class SymbolBoard<T> {
  readonly #open: OpenSymbol<T>;
  readonly #timer: Timer;
  /** How many readers hold a symbol, those of all symbols aside. */
  readonly #holders = new Map<string, number>();
  readonly #all = new Map<MarketReader<T>, SubscribeOptions>();

  constructor(open: OpenSymbol<T>, timer: Timer) {
    this.#open = open;
    this.#timer = timer;
  }

  /**
   * The default policy is `latest`.
   *
   * @param symbols one symbol, some, or `"*"`
   * @throws ConfigError for an empty list or options that cannot work; what the adapter throws for
   *   a symbol, after those before it were given back
   */
  read(symbols: string | readonly string[], options: SubscribeOptions = {}): MarketReader<T> {
    const given: SubscribeOptions = { ...options, policy: options.policy ?? { kind: "latest" } };
    const policy = given.policy?.kind ?? "latest";
    if (symbols === ALL) {
      const reader: MarketReader<T> = new MarketReader<T>({
        kind: "quotes",
        sources: [],
        policy,
        isOpenEnded: true,
        now: () => this.#timer.now(),
        onClose: () => this.#all.delete(reader),
      });
      this.#all.set(reader, given);
      for (const symbol of this.#holders.keys()) reader.add(this.#open(symbol, given));
      return reader;
    }
    const sources = this.#openAll(typeof symbols === "string" ? [symbols] : symbols, given);
    for (const { symbol } of sources) this.#hold(symbol);
    return new MarketReader<T>({
      kind: "quotes",
      sources,
      policy,
      now: () => this.#timer.now(),
      onLeft: (symbol) => this.#release(symbol),
    });
  }

  /** The adapter is shut down: readers of all symbols end; the others end with their topics. */
  end(): void {
    for (const reader of Array.from(this.#all.keys())) reader.end();
  }

  #openAll(symbols: readonly string[], options: SubscribeOptions): readonly MarketSource<T>[] {
    if (symbols.length === 0)
      throw new ConfigError([
        { path: "symbols", message: 'must name a symbol, or be "*" for all that are held' },
      ]);
    const sources = new Map<string, MarketSource<T>>();
    try {
      for (const symbol of symbols) {
        const source = this.#open(symbol, options);
        if (sources.has(source.symbol)) source.close();
        else sources.set(source.symbol, source);
      }
    } catch (error) {
      for (const source of sources.values()) source.close();
      throw error;
    }
    return Array.from(sources.values());
  }

  #hold(symbol: string): void {
    const holders = this.#holders.get(symbol) ?? 0;
    this.#holders.set(symbol, holders + 1);
    if (holders > 0) return;
    for (const [reader, options] of this.#all) reader.add(this.#open(symbol, options));
  }

  #release(symbol: string): void {
    const holders = this.#holders.get(symbol) ?? 0;
    if (holders > 1) {
      this.#holders.set(symbol, holders - 1);
      return;
    }
    this.#holders.delete(symbol);
    for (const reader of this.#all.keys()) reader.remove(symbol);
  }
}
