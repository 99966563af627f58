import { SimOptionError } from "../../option-error.js";
import { parseAmount, printAmount } from "./amount.js";

interface Balance {
  free: bigint;
  locked: bigint;
}

/** The balances of one account, in units of 10^-8. */
export class Wallet {
  readonly #balances: Map<string, Balance> = new Map();

  constructor(initial: Readonly<Record<string, string>>) {
    for (const [asset, text] of Object.entries(initial)) {
      this.#balances.set(asset, { free: parseAmount(text) ?? 0n, locked: 0n });
    }
  }

  get assets(): readonly string[] {
    return [...this.#balances.keys()];
  }

  free(asset: string): bigint {
    return this.#balances.get(asset)?.free ?? 0n;
  }

  /** Adds to what is free; negative takes away. Throws if there is not enough. */
  credit(asset: string, amount: bigint): void {
    const balance = this.#balance(asset);
    if (balance.free + amount < 0n) throw new SimOptionError("amount", `not enough free ${asset}`);
    balance.free += amount;
  }

  /** Moves from free to locked; negative moves back. Throws if there is not enough on that side. */
  lock(asset: string, amount: bigint): void {
    const balance = this.#balance(asset);
    if (balance.free < amount || balance.locked + amount < 0n) {
      throw new SimOptionError("amount", `not enough ${amount < 0n ? "locked" : "free"} ${asset}`);
    }
    balance.free -= amount;
    balance.locked += amount;
  }

  /** Pays out of what is locked. */
  spendLocked(asset: string, amount: bigint): void {
    this.#balance(asset).locked -= amount;
  }

  print(): Readonly<Record<string, { free: string; locked: string }>> {
    return Object.fromEntries(
      [...this.#balances].map(([asset, { free, locked }]) => [
        asset,
        { free: printAmount(free), locked: printAmount(locked) },
      ]),
    );
  }

  #balance(asset: string): Balance {
    const known = this.#balances.get(asset);
    if (known !== undefined) return known;
    const made: Balance = { free: 0n, locked: 0n };
    this.#balances.set(asset, made);
    return made;
  }
}
