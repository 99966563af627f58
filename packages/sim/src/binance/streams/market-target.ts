import type { MarketTarget } from "./market-session.js";
import type { Encoding } from "./stream-hub.js";

/**
 * Reads the request target of a market connection; `undefined` if the path is none of the venue's
 * (B-2, B-3, B-4).
 */
export function parseMarketTarget(url: URL, encoding: Encoding): MarketTarget | undefined {
  const unit = url.searchParams.get("timeUnit")?.toUpperCase() === "MICROSECOND" ? "us" : "ms";
  if (url.pathname === "/stream") {
    const streams = (url.searchParams.get("streams") ?? "")
      .split("/")
      .filter((name) => name !== "");
    return { combined: true, streams: unique(streams), unit, encoding };
  }
  if (url.pathname === "/ws" || url.pathname.startsWith("/ws/")) {
    let path: string;
    try {
      path = decodeURIComponent(url.pathname.slice("/ws".length));
    } catch {
      return undefined;
    }
    return {
      combined: false,
      streams: unique(path.split("/").filter((name) => name !== "")),
      unit,
      encoding,
    };
  }
  return undefined;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
