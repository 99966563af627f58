import { isIPv4 } from "node:net";
import { createSecureContext } from "node:tls";
import { asNumber, asText } from "./check.js";
import type { AppliedFault, Kinded } from "./faults/fault.js";
import { SimOptionError } from "./option-error.js";
import {
  flag,
  number,
  optional,
  resolve,
  type Rule,
  type Rules,
  text,
  whole,
} from "./option-rules.js";
import { platformRule, type SimPlatform } from "./platform.js";

/** A certificate, self-signed or not, and its key; both PEM. */
export interface SimTlsOptions {
  readonly key: string;
  readonly cert: string;
}

/** What every simulated venue can be told. */
export interface VenueOptions {
  /**
   * Address to listen on. Default `127.0.0.1`; clients may come from any 127.x.y.z to count as
   * different IPs.
   */
  readonly host?: string;
  /** TCP port; 0 picks a free one. Default 0. */
  readonly port?: number;
  /** Decides every generated price, quantity, count and id. Default 1. */
  readonly seed?: number;
  /**
   * Venue milliseconds per real millisecond; does not speed up the market, see `market.stepMs`.
   * Default 1.
   */
  readonly timeScale?: number;
  /** Difference between the venue's clock and the real one, in real ms. Default 0. */
  readonly clockSkewMs?: number;
  /** Serve HTTPS and WSS with this certificate, as the venues do. Default: plain. */
  readonly tls?: SimTlsOptions;
  /**
   * Told of each fault at the moment it happens, whether a script or a call makes it. What it
   * throws is ignored. Default: nothing is told.
   */
  readonly onFault?: (applied: AppliedFault<Kinded>) => void;
  /** Clocks and sockets. Default: those of the machine. */
  readonly platform?: SimPlatform;
}

/** The generated market, as most venues have it. */
export interface CommonMarketOptions {
  /** Move by a timer; with `false` only `sim.market.step()` moves it. Default true. */
  readonly auto?: boolean;
  /** *Real* ms per step of 100 ms of market time. Default 100: real time. */
  readonly stepMs?: number;
  /**
   * Time of the market's start in ms since 1970; events are stamped by step. Default: now. Fix it
   * for identical payloads.
   */
  readonly startTimeMs?: number;
  /**
   * Book levels per side. Default 50. At Coinbase 20 000 make the venue's snapshot of more than
   * 4 MiB (C-17).
   */
  readonly levels?: number;
  /** Most level changes per step, at least 2. Default 8. */
  readonly changesPerStep?: number;
  /** Mean taker orders per step. Default 1. */
  readonly ordersPerStep?: number;
}

/** A whole number that may be negative. */
const signed = (fallback: number): Rule<number> => whole(fallback, -1e12, 1e12);

/** Checked {@link VenueOptions}. */
export interface VenueSettings extends Required<Omit<VenueOptions, "tls">> {
  readonly tls: SimTlsOptions | undefined;
}

/** How {@link VenueOptions} are checked. */
export const VENUE_RULES: Rules<VenueSettings> = {
  host: text("127.0.0.1"),
  port: whole(0, 0, 65_535),
  seed: signed(1),
  timeScale: number(1, 0.001, 1_000_000),
  clockSkewMs: signed(0),
  tls: optional(resolveTls),
  onFault: resolveListener,
  platform: platformRule,
};

function resolveListener(option: string, value: unknown): VenueSettings["onFault"] {
  if (value === undefined) return () => undefined;
  if (typeof value === "function") return value as VenueSettings["onFault"];
  throw new SimOptionError(option, "expected a function");
}

function resolveTls(option: string, value: unknown): SimTlsOptions {
  const tls = resolve<SimTlsOptions>(option, value, { key: asText, cert: asText });
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new SimOptionError(option, `cannot be used: ${(error as Error).message}`);
  }
  return tls;
}

/** Checked {@link CommonMarketOptions}: a start that was not given is now. */
export type MarketGiven = Required<Omit<CommonMarketOptions, "startTimeMs">> & {
  readonly startTimeMs: number | undefined;
};

/** How {@link CommonMarketOptions} are checked, for a book of at most so many levels per side. */
export function marketRules(maxLevels: number): Rules<MarketGiven> {
  return {
    auto: flag(true),
    stepMs: number(100, 1, 60_000),
    startTimeMs: optional((option, value) => asNumber(option, value, { min: 0, max: 1e14 })),
    levels: whole(50, 5, maxLevels),
    changesPerStep: whole(8, 2, 10_000),
    ordersPerStep: number(1, 0, 10_000),
  };
}

/** Whether a host, an IPv6 address without brackets, is this machine and no other. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** When the market starts: as given, or now. */
export function startTime({ startTimeMs }: MarketGiven, { timer }: SimPlatform): number {
  return Math.floor(startTimeMs ?? timer.wallNow());
}
