import type { ByteCursor } from "@oath-ws/venue-kit";
import type { PriceLevel } from "../market/book-payloads.js";
import type { Values } from "./values.js";

/** Numbers as the text that the venue writes, in the payloads that `JSON.parse` would make. */
export class TextValues implements Values<string, readonly PriceLevel[]> {
  begin(): void {}

  price(cursor: ByteCursor): string | undefined {
    return cursor.decimalText();
  }

  quantity(cursor: ByteCursor): string | undefined {
    return cursor.decimalText();
  }

  levels(cursor: ByteCursor): readonly PriceLevel[] | undefined {
    return cursor.decimalPairs();
  }

  end(payload: object): object {
    return payload;
  }
}
