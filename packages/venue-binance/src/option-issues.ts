import type { ConfigIssue } from "@oath-ws/contract";
import { urlFault } from "@oath-ws/contract";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { RenewalOptions, VenueRuntime } from "@oath-ws/venue-kit";
import { RENEWAL_KEYS } from "./feed/market-settings.js";
import type { Encoding } from "./market/stream-name.js";
import type { WeightBudget } from "./rest/weight-budget.js";
import type { Credentials } from "./user-data/credentials.js";

/** Options that both adapters have, with the venue's addresses filled in. */
interface CommonOptions {
  readonly runtime: VenueRuntime;
  readonly url: string;
  readonly restUrl: string;
  readonly renewal?: Partial<RenewalOptions> | undefined;
  readonly budget?: WeightBudget | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Options of the market streams that depend on one another. */
interface EncodingOptions {
  readonly encoding?: Encoding | undefined;
  readonly apiKey?: string | undefined;
  readonly mode?: "combined" | "raw" | undefined;
  readonly timeUnit?: "ms" | "us" | undefined;
}

/** Everything that is wrong with the options that both adapters have. */
export function commonIssues(options: CommonOptions): ConfigIssue[] {
  const { runtime, url, restUrl, budget, onFault } = options;
  return [
    ...memberIssues("runtime", runtime, ["build", "fetch"]),
    ...addressIssues("url", url, "ws"),
    ...addressIssues("restUrl", restUrl, "http"),
    ...(budget === undefined ? [] : memberIssues("budget", budget, ["take", "charge", "refused"])),
    ...(onFault === undefined ? [] : functionIssues("onFault", onFault)),
    ...renewalIssues(options.renewal ?? {}),
  ];
}

/** An option that is one of a few words; `undefined` is the default. */
export function choiceIssues(
  path: string,
  value: unknown,
  choices: readonly string[],
): ConfigIssue[] {
  if (value === undefined || choices.some((choice) => choice === value)) return [];
  return [{ path, message: `must be one of ${choices.join(", ")}` }];
}

/**
 * What is wrong with the encoding, and with the options that only one of both has. No message holds
 * the key.
 */
export function encodingIssues(options: EncodingOptions): ConfigIssue[] {
  const { encoding, apiKey, mode, timeUnit } = options;
  const issues = choiceIssues("encoding", encoding, ["json", "sbe"]);
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

/** An option that has to be a function. */
export function functionIssues(path: string, value: unknown): ConfigIssue[] {
  return typeof value === "function" ? [] : [{ path, message: "must be a function" }];
}

/** An option that has to be an object with these functions. */
function memberIssues(path: string, value: unknown, members: readonly string[]): ConfigIssue[] {
  if (typeof value !== "object" || value === null)
    return [{ path, message: "must be an object with the functions " + members.join(", ") }];
  const fields = value as Readonly<Record<string, unknown>>;
  return members.flatMap((name) => functionIssues(`${path}.${name}`, fields[name]));
}

/**
 * An address without a path, which the adapter appends. The message never holds the address itself:
 * it may carry a password.
 */
function addressIssues(path: string, value: unknown, scheme: "ws" | "http"): ConfigIssue[] {
  const message = `must be ${scheme}:// or ${scheme}s:// with host and port, and no more`;
  const isAddress =
    typeof value === "string" &&
    new RegExp(`^${scheme}s?://[^\\s/?#@]+/?$`, "i").test(value) &&
    urlFault(value.replace(/^http/i, "ws")) === undefined;
  return isAddress ? [] : [{ path, message }];
}

function renewalIssues(renewal: Partial<RenewalOptions>): ConfigIssue[] {
  return [
    ...unknownKeyIssues(renewal, RENEWAL_KEYS, "renewal."),
    ...numberIssues(
      { ...renewal },
      {
        afterMs: { min: 1 },
        timeoutMs: { min: 1 },
        quietMs: { min: 0 },
        overlapMs: { min: 0 },
        retryMs: { min: 1 },
      },
      "renewal.",
    ),
  ];
}

/**
 * Everything that is wrong with credentials. The messages never hold a value: a key may stand in
 * the wrong place.
 */
export function credentialIssues(
  credentials: Partial<Credentials> | null | undefined,
): ConfigIssue[] {
  const { apiKey, sign } = credentials ?? {};
  const issues = [
    ...functionIssues("credentials.sign", sign),
    ...numberIssues(
      { ...credentials },
      { recvWindow: { min: 1, max: 60_000, whole: true } },
      "credentials.",
    ),
  ];
  if (typeof apiKey !== "string" || apiKey === "")
    issues.push({ path: "credentials.apiKey", message: "must be a string that is not empty" });
  return issues;
}
