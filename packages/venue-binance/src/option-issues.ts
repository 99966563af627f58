import type { ConfigIssue } from "@oath-ws/contract";
import { urlFault } from "@oath-ws/contract";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { RenewalOptions, VenueRuntime } from "@oath-ws/venue-kit";
import { RENEWAL_KEYS } from "./feed/market-settings.js";
import type { WeightBudget } from "./rest/weight-budget.js";

/** Options that both adapters have, with the venue's addresses filled in. */
interface CommonOptions {
  readonly runtime: VenueRuntime;
  readonly url: string;
  readonly restUrl: string;
  readonly renewal?: Partial<RenewalOptions> | undefined;
  readonly budget?: WeightBudget | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
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
