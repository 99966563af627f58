import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError, isConfigError, urlFault } from "@oath-ws/contract";
import type { PartialConfig } from "@oath-ws/resilience";
import { resolveConfig } from "@oath-ws/resilience";
import { mergeConfig, numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { NumberRule } from "@oath-ws/venue-kit";
import { MessageBudget } from "./message-budget.js";
import { COINBASE_CONFIG, HEARTBEAT_DEAD_MS, HEARTBEAT_STALE_MS } from "./settings.js";
import type { HeartbeatOptions } from "./settings.js";

/** What the options of an adapter may be. */
export interface OptionRules {
  /** Every option there is. */
  readonly keys: Readonly<Record<string, true>>;
  readonly numbers: Readonly<Record<string, NumberRule>>;
  /** Options that must be true or false where they are given. */
  readonly flags: readonly string[];
  readonly needsSigner: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const HEARTBEAT_KEYS: Readonly<Record<keyof HeartbeatOptions, true>> = {
  staleAfterMs: true,
  deadAfterMs: true,
};

/**
 * Looks at everything that an adapter was given, with its address filled in, and gives the settings
 * of its connections.
 *
 * @throws ConfigError listing all that is wrong, the stack's settings below `config.`
 */
export function checkOptions(
  url: string,
  options: object,
  { keys, numbers, flags, needsSigner }: OptionRules,
): PartialConfig {
  const given = isFields(options) ? options : {};
  const issues = [...unknownKeyIssues(given, keys), ...numberIssues(given, numbers)];
  const expect = (path: string, holds: boolean, message: string): void => {
    if (!holds) issues.push({ path, message });
  };
  const { runtime, signer, budget, onFault, usdcProducts, heartbeat, config } = given;
  expect("runtime", isFields(runtime), "is required: nodeRuntime of oath-ws is one");
  const fault = urlFault(url);
  expect("url", fault === undefined, String(fault));
  if (signer !== undefined || needsSigner)
    expect("signer", isSigner(signer), "must be a signer: es256Signer and ed25519Signer make some");
  expect(
    "budget",
    budget === undefined || budget instanceof MessageBudget,
    "must be a MessageBudget",
  );
  expect("onFault", onFault === undefined || typeof onFault === "function", "must be a function");
  expect(
    "usdcProducts",
    usdcProducts === undefined || isTexts(usdcProducts),
    "must be a list of product ids",
  );
  for (const flag of flags) {
    const value = given[flag];
    expect(flag, value === undefined || typeof value === "boolean", "must be true or false");
  }
  issues.push(...heartbeatIssues(heartbeat ?? {}), ...configIssues(config ?? {}));
  if (issues.length > 0) throw new ConfigError(issues);
  return mergeConfig(COINBASE_CONFIG, config as PartialConfig | undefined);
}

function heartbeatIssues(heartbeat: unknown): readonly ConfigIssue[] {
  if (!isFields(heartbeat))
    return [{ path: "heartbeat", message: `must be an object, got ${typeof heartbeat}` }];
  const issues = [
    ...unknownKeyIssues(heartbeat, HEARTBEAT_KEYS, "heartbeat."),
    ...numberIssues(heartbeat, { staleAfterMs: { min: 1 }, deadAfterMs: { min: 1 } }, "heartbeat."),
  ];
  const { staleAfterMs = HEARTBEAT_STALE_MS, deadAfterMs = HEARTBEAT_DEAD_MS } =
    heartbeat as HeartbeatOptions;
  if (issues.length === 0 && staleAfterMs >= deadAfterMs) {
    const message = `must be greater than staleAfterMs (${staleAfterMs}), got ${deadAfterMs}`;
    issues.push({ path: "heartbeat.deadAfterMs", message });
  }
  return issues;
}

function configIssues(config: unknown): readonly ConfigIssue[] {
  if (!isFields(config))
    return [{ path: "config", message: `must be an object, got ${typeof config}` }];
  try {
    resolveConfig(mergeConfig(COINBASE_CONFIG, config));
    return [];
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.issues.map(({ path, message }) => ({ path: `config.${path}`, message }));
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function isSigner(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { algorithm, keyName, sign, nonce } = value;
  const named = typeof keyName === "string" && (algorithm === "ES256" || algorithm === "EdDSA");
  return named && typeof sign === "function" && typeof nonce === "function";
}
