import type { WsError } from "@oath-ws/contract";
import type { CallOutcome } from "../connection/call-outcome.js";

/**
 * What became of an order whose fate was unknown.
 *
 * - `placed`: the venue has it, or had it: it may be filled or cancelled meanwhile
 * - `refused`: the venue refused it
 * - `notPlaced`: the venue does not have it and takes it no more; it may be placed again
 * - `stillUnknown`: nothing could be found out within the bound. Final: no more questions are
 *   asked.
 */
export type OrderFate<P> =
  | { readonly kind: "placed"; readonly order: P }
  | { readonly kind: "refused"; readonly error: WsError }
  | { readonly kind: "notPlaced" }
  | { readonly kind: "stillUnknown"; readonly error: WsError };

/** How placing an order ended, with the id under which the venue knows it. */
export type PlaceOutcome<A, P> = { readonly clientId: string } & (
  | Exclude<CallOutcome<A>, { kind: "fateUnknown" }>
  | {
      readonly kind: "fateUnknown";
      readonly error: WsError;
      /** What became of it; settles within `fateBoundMs`, and never rejects. */
      readonly resolution: Promise<OrderFate<P>>;
    }
);

/** What a source says about an order. */
export type OrderFinding<P> =
  | { readonly kind: "placed"; readonly order: P }
  | { readonly kind: "refused"; readonly error: WsError }
  | {
      readonly kind: "notFound";
      /**
       * The question reached the venue after this time of the venue's clock, in Unix milliseconds.
       * Absent where the venue's clock is not known: then it proves nothing.
       */
      readonly asOf?: number | undefined;
    };
