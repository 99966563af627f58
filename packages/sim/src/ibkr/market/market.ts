import { SimOptionError } from "../../option-error.js";
import { every } from "../../platform.js";
import type { VenueClock } from "../../clock.js";
import type { SeededRandom } from "../../random.js";
import type { IbkrInstrument } from "../options.js";
import { Instrument, type TradingState } from "./instrument.js";

/** How the market moves by itself. */
export interface IbkrMarketSettings {
  readonly auto: boolean;
  readonly stepMs: number;
  readonly instruments: readonly IbkrInstrument[];
}

/** All contracts that were asked for or configured, moved together. */
export class IbkrMarket {
  readonly #settings: IbkrMarketSettings;
  readonly #random: SeededRandom;
  readonly #clock: VenueClock;
  readonly #stepped: (instrument: Instrument) => void;
  readonly #instruments: Map<number, Instrument> = new Map();
  #steps = 0;
  #cancel: () => void = () => {};

  /** `stepped` is told of every contract that moved. */
  constructor(
    settings: IbkrMarketSettings,
    random: SeededRandom,
    clock: VenueClock,
    stepped: (instrument: Instrument) => void,
  ) {
    this.#settings = settings;
    this.#random = random;
    this.#clock = clock;
    this.#stepped = stepped;
    for (const spec of settings.instruments) this.#add(spec);
  }

  get steps(): number {
    return this.#steps;
  }

  get instruments(): readonly Instrument[] {
    return [...this.#instruments.values()];
  }

  start(): void {
    const { auto, stepMs } = this.#settings;
    if (auto) this.#cancel = every(this.#clock.timer, stepMs, () => this.step(1));
  }

  stop(): void {
    this.#cancel();
  }

  /** The contract with this id; made up if it was not asked for before. */
  instrument(conid: number): Instrument {
    // The same price whichever client asks first: it depends on the seed and the id.
    return (
      this.#instruments.get(conid) ??
      this.#add({
        conid,
        symbol: `C${conid}`,
        price: this.#random.fork(`price/${conid}`).between(1_000, 50_000) / 100,
      })
    );
  }

  step(count: number): void {
    for (let left = count; left > 0; left--) {
      this.#steps++;
      for (const instrument of this.#instruments.values()) {
        instrument.step(this.#clock.wallNow());
        this.#stepped(instrument);
      }
    }
  }

  /** Halts or closes trading in a contract, or lets it go on; that shows in its last price. */
  setState(conid: number, state: TradingState): void {
    const instrument = this.#instruments.get(conid);
    if (instrument === undefined)
      throw new SimOptionError("conid", `${conid} is not simulated here`);
    instrument.setState(state, this.#clock.wallNow());
    this.#stepped(instrument);
  }

  #add(spec: IbkrInstrument): Instrument {
    const made = new Instrument(
      spec,
      this.#random.fork(`walk/${spec.conid}`),
      this.#clock.wallNow(),
    );
    this.#instruments.set(spec.conid, made);
    return made;
  }
}
