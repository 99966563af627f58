import { createPublicKey, type KeyObject } from "node:crypto";
import { asText } from "../../check.js";
import { optional, resolve, type Rules } from "../../option-rules.js";
import { SimOptionError } from "../../option-error.js";
import type { SeededRandom } from "../../random.js";
import { seededKeys } from "../../seeded-keys.js";

/** An account with its keys parsed. */
export interface AccountSettings {
  readonly apiKey: string;
  readonly publicKey: KeyObject | undefined;
  readonly hmacSecret: string | undefined;
  readonly balances: Readonly<Record<string, string>>;
  /** Private half of a key pair that the simulator made itself, PEM (PKCS 8). */
  readonly privateKeyPem: string | undefined;
}

/**
 * Key of the account that exists when none is configured. Made up: 64 characters, like the venue's.
 */
const DEFAULT_API_KEY = "oathSimulatedApiKey0123456789".padEnd(64, "x");
const DEFAULT_BALANCES = {
  BTC: "10.00000000",
  ETH: "100.00000000",
  USDT: "1000000.00000000",
} as const;
const AMOUNT = /^\d{1,12}(\.\d{1,8})?$/;

const ACCOUNT: Rules<Omit<AccountSettings, "privateKeyPem">> = {
  apiKey: asText,
  publicKey: optional(parsePublicKey),
  hmacSecret: optional(asText),
  balances: (option, value) => parseBalances(option, value ?? DEFAULT_BALANCES),
};

/** Checks the accounts, or makes the default one with a key pair of the seed. */
export function resolveAccounts(value: unknown, random: SeededRandom): readonly AccountSettings[] {
  if (value === undefined) return [defaultAccount(random)];
  if (!Array.isArray(value) || value.length === 0) {
    throw new SimOptionError("accounts", "expected an array of at least one account");
  }
  const accounts = value.map((entry, at) => resolveAccount(`accounts[${at}]`, entry));
  const keys = new Set(accounts.map((account) => account.apiKey));
  if (keys.size !== accounts.length)
    throw new SimOptionError("accounts", "two accounts have the same apiKey");
  return accounts;
}

function defaultAccount(random: SeededRandom): AccountSettings {
  const { publicKey, privateKey } = seededKeys(random, "EdDSA");
  return {
    apiKey: DEFAULT_API_KEY,
    publicKey,
    hmacSecret: undefined,
    balances: DEFAULT_BALANCES,
    privateKeyPem: privateKey,
  };
}

function resolveAccount(option: string, entry: unknown): AccountSettings {
  const account = resolve(option, entry, ACCOUNT);
  if (account.publicKey === undefined && account.hmacSecret === undefined)
    throw new SimOptionError(option, "expected a publicKey, an hmacSecret, or both");
  return { ...account, privateKeyPem: undefined };
}

function parsePublicKey(option: string, value: unknown): KeyObject {
  const pem = asText(option, value);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw new SimOptionError(
      option,
      `not a PEM public key (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new SimOptionError(
      option,
      `expected an Ed25519 key, got ${key.asymmetricKeyType ?? "another"}`,
    );
  }
  return key;
}

function parseBalances(option: string, value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null)
    throw new SimOptionError(option, "expected an object");
  const balances: Record<string, string> = {};
  for (const [asset, amount] of Object.entries(value)) {
    if (typeof amount !== "string" || !AMOUNT.test(amount)) {
      throw new SimOptionError(
        `${option}.${asset}`,
        `expected a decimal text like "10.5", got ${String(amount)}`,
      );
    }
    balances[asset] = amount;
  }
  return balances;
}
