import { ConfigError } from "@oath-ws/contract";
import type { PartialConfig } from "@oath-ws/resilience";
import {
  baseUrl,
  callback,
  duration,
  flag,
  group,
  mergeConfig,
  must,
  number,
  optionIssues,
  required,
  rising,
  settingsOver,
  socketUrl,
  unchecked,
} from "@oath-ws/venue-kit";
import type { NumberRule, OptionRule } from "@oath-ws/venue-kit";
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

const HEARTBEAT = { staleAfterMs: HEARTBEAT_STALE_MS, deadAfterMs: HEARTBEAT_DEAD_MS };

/** The rules of options that several adapters have, or that are no number and no flag. */
const COMMON: Readonly<Record<string, OptionRule>> = {
  runtime: required(
    must(
      (value) => typeof value === "object" && value !== null,
      "must be what nodeRuntime of oath-ws is",
    ),
  ),
  url: socketUrl,
  restUrl: baseUrl("http"),
  signer: must(isSigner, "must be a signer: es256Signer and ed25519Signer make some"),
  budget: must((value) => value instanceof MessageBudget, "must be a MessageBudget"),
  onFault: callback,
  usdcProducts: must(isTexts, "must be a list of product ids"),
  heartbeat: group<HeartbeatOptions>(
    { staleAfterMs: duration, deadAfterMs: duration },
    rising("staleAfterMs", "deadAfterMs", HEARTBEAT),
  ),
  config: settingsOver(COINBASE_CONFIG),
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
  const ruleOf = (name: string): OptionRule => {
    const rule = COMMON[name] ?? unchecked;
    if (name === "signer" && needsSigner) return required(rule);
    const bounds = numbers[name];
    if (bounds !== undefined) return number(bounds);
    return flags.includes(name) ? flag : rule;
  };
  const rules = Object.fromEntries(Object.keys(keys).map((name) => [name, ruleOf(name)]));
  const given: Readonly<Record<string, unknown>> = { ...options, url };
  const issues = optionIssues(given, rules);
  if (issues.length > 0) throw new ConfigError(issues);
  return mergeConfig(COINBASE_CONFIG, given["config"] as PartialConfig | undefined);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function isSigner(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { algorithm, keyName, sign, nonce } = value as Readonly<Record<string, unknown>>;
  const named = typeof keyName === "string" && (algorithm === "ES256" || algorithm === "EdDSA");
  return named && typeof sign === "function" && typeof nonce === "function";
}
