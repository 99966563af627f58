import type { SeededRandom } from "../../random.js";
import type { IbkrInstrument } from "../options.js";

/** What trading in a contract is like: it shows as a prefix of the last price. */
export type TradingState = "trading" | "closed" | "halted";

/** The values of a contract by field id, as the venue prints them. */
export type FieldValues = Readonly<Record<string, string | number>>;

const PREFIX: Readonly<Record<TradingState, string>> = { trading: "", closed: "C", halted: "H" };
const CENTS = 100;

/** One contract: a price that walks, in cents, and everything that is printed of it. */
export class Instrument {
  readonly conid: number;
  readonly symbol: string;
  readonly #random: SeededRandom;
  readonly #priorClose: number;
  #last: number;
  #bid: number;
  #ask: number;
  #high: number;
  #low: number;
  #lastSize = 100;
  #bidSize = 300;
  #askSize = 200;
  #volume = 1_000_000;
  #updates = 0;
  #updatedAt: number;
  #state: TradingState = "trading";
  /** As read since the last update. */
  #values: FieldValues | undefined;

  constructor({ conid, symbol, price }: IbkrInstrument, random: SeededRandom, now: number) {
    this.#updatedAt = now;
    this.conid = conid;
    this.symbol = symbol;
    this.#random = random;
    this.#last = Math.max(10, Math.round(price * CENTS));
    this.#priorClose = this.#last;
    this.#high = this.#last;
    this.#low = this.#last;
    this.#bid = this.#last - 1;
    this.#ask = this.#last + 1;
  }

  /** Steps so far, changes of the trading state included. */
  get updates(): number {
    return this.#updates;
  }

  /** Time of the last of them, in ms since 1970; no two have the same. */
  get updatedAt(): number {
    return this.#updatedAt;
  }

  /** The last price in cents. */
  get lastCents(): number {
    return this.#last;
  }

  /** One trade at a new price, and a quote around it. */
  step(now: number): void {
    const random = this.#random;
    const move = random.between(1, 5);
    // Prices stay where bid and ask have room below and above them.
    this.#last += this.#last - move < 10 || random.chance(0.5) ? move : -move;
    this.#bid = this.#last - random.between(1, 3);
    this.#ask = this.#last + random.between(1, 3);
    this.#lastSize = 100 * random.between(1, 9);
    this.#bidSize = 100 * random.between(1, 20);
    this.#askSize = 100 * random.between(1, 20);
    this.#volume += this.#lastSize;
    this.#high = Math.max(this.#high, this.#last);
    this.#low = Math.min(this.#low, this.#last);
    this.#stamp(now);
  }

  setState(state: TradingState, now: number): void {
    this.#state = state;
    this.#stamp(now);
  }

  /**
   * Everything by field id (I-25): prices as texts, changes in percent as numbers, the volume short
   * and in full.
   */
  values(): FieldValues {
    return (this.#values ??= this.#read());
  }

  #read(): FieldValues {
    const change = this.#last - this.#priorClose;
    return {
      "31": `${PREFIX[this.#state]}${price(this.#last)}`,
      "55": this.symbol,
      "70": price(this.#high),
      "71": price(this.#low),
      "82": price(change),
      "83": Math.round((change / this.#priorClose) * 10_000) / 100,
      "84": price(this.#bid),
      "85": String(this.#askSize),
      "86": price(this.#ask),
      "87": `${(this.#volume / 1_000_000).toFixed(2)}M`,
      "87_raw": this.#volume,
      "88": String(this.#bidSize),
      "6004": "NASDAQ",
      "6008": this.conid,
      "6509": "DPB",
      "7051": `${this.symbol} INC`,
      "7059": String(this.#lastSize),
      "7094": `${this.conid}@SMART`,
      "7219": this.symbol,
      "7221": "NASDAQ",
      "7295": price(this.#priorClose),
      "7296": price(this.#last),
      "7635": price(this.#last),
      "7741": price(this.#priorClose),
      "7762": String(this.#volume),
    };
  }

  /** A price ladder around the last price. */
  ladder(rows: number): ReadonlyArray<Readonly<Record<string, string | number>>> {
    return Array.from({ length: rows }, (_, at) => {
      const cents = this.#last + Math.floor(rows / 2) - at;
      const size = String(100 * (1 + (cents % 7)));
      const side = cents <= this.#bid ? { bid: size } : cents >= this.#ask ? { ask: size } : {};
      return { row: at + 1, focus: cents === this.#last ? 1 : 0, price: price(cents), ...side };
    });
  }

  #stamp(now: number): void {
    this.#updates++;
    this.#values = undefined;
    this.#updatedAt = Math.max(now, this.#updatedAt + 1);
  }
}

function price(cents: number): string {
  return (cents / CENTS).toFixed(2);
}
