import type { EventMix, EventRow } from "../../rows.js";
import type { EventMeter } from "./event-meter.js";

/** An adapter that delivers into a meter. */
export interface EventReceiver {
  /** Why its repeat does not count, if it does not. */
  fault(): string | undefined;
  close(): Promise<void>;
}

/** Resolves once the subscription is under way. */
export type OpenEvents = (url: string, mix: EventMix, meter: EventMeter) => Promise<EventReceiver>;

/** The id in a payload: what every row reads of every event. */
export function idOf(data: { readonly t?: number; readonly u?: number }): number {
  return data.t ?? data.u ?? Number.NaN;
}

/** Loads one row's client and no other. */
export async function loadEvents(row: EventRow): Promise<OpenEvents> {
  switch (row) {
    case "ws":
      return (await import("./ws.js")).openEvents;
    case "binance-take":
      return (await import("./binance.js")).openTake;
    case "binance-direct-take":
      return (await import("./binance.js")).openDirectTake;
    case "binance-sbe-take":
      return (await import("./binance.js")).openSbeTake;
    case "binance-sbe-direct-take":
      return (await import("./binance.js")).openSbeDirectTake;
    case "binance-for-await":
      return (await import("./binance.js")).openForAwait;
    case "binance-common":
      return (await import("./binance-common.js")).openEvents;
    case "tardis-dev":
      return (await import("./tardis-dev.js")).openEvents;
    default:
      return row satisfies never;
  }
}
