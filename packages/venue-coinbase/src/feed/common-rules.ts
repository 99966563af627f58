import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  callback,
  duration,
  group,
  must,
  required,
  rising,
  settingsOver,
  socketUrl,
  unchecked,
} from "@oath-ws/venue-kit";
import type { OptionRules, VenueRuntime } from "@oath-ws/venue-kit";
import type { JwtSigner } from "../auth/jwt-signer.js";
import { MessageBudget } from "./message-budget.js";
import { COINBASE_CONFIG, HEARTBEAT_DEAD_MS, HEARTBEAT_STALE_MS } from "./settings.js";
import type { HeartbeatOptions } from "./settings.js";

/** Options that all adapters of this venue have. */
interface CommonOptions {
  readonly runtime: VenueRuntime;
  readonly url?: string | undefined;
  readonly signer?: JwtSigner | undefined;
  readonly budget?: MessageBudget | undefined;
  readonly heartbeat?: HeartbeatOptions | undefined;
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const HEARTBEAT = { staleAfterMs: HEARTBEAT_STALE_MS, deadAfterMs: HEARTBEAT_DEAD_MS };

/** What the options that all adapters of this venue have must be. */
export const COMMON_RULES: OptionRules<CommonOptions> = {
  runtime: required(
    must(
      (value) => typeof value === "object" && value !== null,
      "must be what nodeRuntime of oath-ws is",
    ),
  ),
  url: socketUrl,
  signer: must(isSigner, "must be a signer: es256Signer and ed25519Signer make some"),
  budget: must((value) => value instanceof MessageBudget, "must be a MessageBudget"),
  heartbeat: group<HeartbeatOptions>(
    { staleAfterMs: duration, deadAfterMs: duration },
    rising("staleAfterMs", "deadAfterMs", HEARTBEAT),
  ),
  config: settingsOver(COINBASE_CONFIG),
  gate: unchecked,
  tracer: unchecked,
  onFault: callback,
};

function isSigner(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { algorithm, keyName, sign, nonce } = value as Readonly<Record<string, unknown>>;
  const named = typeof keyName === "string" && (algorithm === "ES256" || algorithm === "EdDSA");
  return named && typeof sign === "function" && typeof nonce === "function";
}
