import type { ByteCursor } from "@oath-ws/venue-kit";
import type { Mantissa, Scale, ScaledLevels } from "../market/scaled-payloads.js";
import { readLevels } from "./values.js";
import type { Values } from "./values.js";

/** No number was read yet. */
const NONE = -1;

/**
 * Numbers as mantissas, in payloads whose prices all have one exponent, and whose quantities do. A
 * payload that mixes them is refused, and left to `scaledOf`, which brings them to one.
 */
export class ScaledValues implements Values<Mantissa, ScaledLevels> {
  #priceScale = NONE;
  #quantityScale = NONE;

  begin(): void {
    this.#priceScale = NONE;
    this.#quantityScale = NONE;
  }

  price(cursor: ByteCursor): Mantissa | undefined {
    if (!cursor.decimal()) return undefined;
    if (this.#priceScale === NONE) this.#priceScale = cursor.scale;
    return this.#priceScale === cursor.scale ? cursor.mantissa : undefined;
  }

  quantity(cursor: ByteCursor): Mantissa | undefined {
    if (!cursor.decimal()) return undefined;
    if (this.#quantityScale === NONE) this.#quantityScale = cursor.scale;
    return this.#quantityScale === cursor.scale ? cursor.mantissa : undefined;
  }

  levels(cursor: ByteCursor): ScaledLevels | undefined {
    const levels: Mantissa[] = [];
    const isRead = readLevels(cursor, this, (price: Mantissa, quantity: Mantissa) => {
      levels.push(price, quantity);
    });
    return isRead ? levels : undefined;
  }

  end(payload: object): object {
    const scaled = payload as { -readonly [Key in keyof Scale]?: Scale[Key] };
    scaled.priceExponent = exponentOf(this.#priceScale);
    scaled.quantityExponent = exponentOf(this.#quantityScale);
    return payload;
  }
}

function exponentOf(scale: number): number {
  return scale === NONE ? 0 : 0 - scale;
}
