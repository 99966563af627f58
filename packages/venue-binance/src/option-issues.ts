import type { ConfigIssue, Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  baseUrl,
  callback,
  duration,
  group,
  number,
  objectWith,
  runtimeWith,
  required,
  settingsOver,
  text,
  unchecked,
} from "@oath-ws/venue-kit";
import type { OptionRule, OptionRules, RenewalOptions, VenueRuntime } from "@oath-ws/venue-kit";
import type { Encoding } from "./market/stream-name.js";
import type { WeightBudget } from "./rest/weight-budget.js";
import type { Credentials } from "./user-data/credentials.js";

/** Options that all adapters of this venue have. */
interface CommonOptions {
  readonly runtime: VenueRuntime;
  readonly url?: string | undefined;
  readonly restUrl?: string | undefined;
  readonly renewal?: Partial<RenewalOptions> | undefined;
  readonly budget?: WeightBudget | undefined;
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Options of the market streams that depend on one another. */
interface EncodingOptions {
  readonly encoding?: Encoding | undefined;
  readonly apiKey?: string | undefined;
  readonly mode?: "combined" | "raw" | undefined;
  readonly timeUnit?: "ms" | "us" | undefined;
}

const RENEWAL = group<Partial<RenewalOptions>>({
  afterMs: duration,
  timeoutMs: duration,
  quietMs: number({ min: 0 }),
  overlapMs: number({ min: 0 }),
  retryMs: duration,
});

/** What the options that all adapters of this venue have must be. */
export function commonRules(config: PartialConfig): OptionRules<CommonOptions> {
  return {
    runtime: runtimeWith("build", "fetch"),
    url: baseUrl("ws"),
    restUrl: baseUrl("http"),
    budget: objectWith("take", "charge", "refused"),
    renewal: RENEWAL,
    config: settingsOver(config),
    gate: unchecked,
    tracer: unchecked,
    onFault: callback,
  };
}

/**
 * What credentials must be. The messages never hold a value: a key may stand in the wrong place.
 */
export const CREDENTIALS: OptionRule = group<Credentials>({
  apiKey: required(text),
  sign: required(callback),
  recvWindow: number({ min: 1, max: 60_000, whole: true }),
});

/**
 * What is wrong with the options that only one encoding has. No message holds the key.
 */
export function encodingIssues(options: EncodingOptions): ConfigIssue[] {
  const { encoding, apiKey, mode, timeUnit } = options;
  const issues: ConfigIssue[] = [];
  if (encoding !== "sbe") {
    if (apiKey !== undefined)
      issues.push({ path: "apiKey", message: 'is sent with encoding "sbe" only: leave it out' });
    return issues;
  }
  if (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey))
    issues.push({
      path: "apiKey",
      message: 'must be a key as the venue gives it for encoding "sbe"',
    });
  if (mode !== undefined)
    issues.push({ path: "mode", message: "is for JSON: events over SBE name their symbol" });
  if (timeUnit !== undefined && timeUnit !== "us")
    issues.push({ path: "timeUnit", message: "must be us over SBE, which has nothing else" });
  return issues;
}
