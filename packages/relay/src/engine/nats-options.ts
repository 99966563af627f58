import { readFile } from "node:fs/promises";
import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import { duration, must, optionIssues, text } from "@oath-ws/venue-kit";
import type { OptionRules } from "@oath-ws/venue-kit";
import { relayError } from "./relay-error.js";

/** How the NATS server is reached. Secrets are read from files, and are never printed. */
export interface NatsOptions {
  /**
   * One or several servers of a cluster: `nats://host:4222`, or `tls://` where TLS is required. A
   * URL must hold no user and no password: use {@link credentialsFile}.
   */
  readonly url: string | readonly string[];
  /**
   * A file that holds a NATS `.creds` file, an nkey seed, or one line `user:password`. Default: the
   * server asks for nothing.
   */
  readonly credentialsFile?: string | undefined;
  /** The authority that signed the server's certificate, in PEM. Default: the public ones. */
  readonly tlsCaFile?: string | undefined;
  /** The client's certificate, in PEM. Goes with {@link tlsKeyFile}. */
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  /** How long the server may take to answer a request, in milliseconds. Default 2 000. */
  readonly timeoutMs?: number | undefined;
}

/** A time within which the server answers unless something is wrong. */
const TIMEOUT_MS = 2_000;

const URL_RULE = must(
  isServerList,
  "must be nats://host:port or tls://host:port, one or a list, without user and password",
);

/** The rules of {@link NatsOptions}. */
export const NATS_RULES: OptionRules<NatsOptions> = {
  url: URL_RULE,
  credentialsFile: text,
  tlsCaFile: text,
  tlsCertFile: text,
  tlsKeyFile: text,
  timeoutMs: duration,
};

/** Everything that is wrong with options of a server. */
export function natsIssues(options: unknown, prefix = "nats."): readonly ConfigIssue[] {
  const given = typeof options === "string" ? { url: options } : options;
  const issues = optionIssues<NatsOptions>(given, NATS_RULES, prefix);
  const { url, tlsCertFile, tlsKeyFile } = Object(given) as Partial<NatsOptions>;
  if (url === undefined) issues.push({ path: `${prefix}url`, message: "is required" });
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined))
    issues.push({ path: `${prefix}tlsCertFile`, message: "goes with tlsKeyFile" });
  return issues;
}

/** The options, where an address alone may stand for them. */
export function natsOptionsOf(options: NatsOptions | string): NatsOptions {
  return typeof options === "string" ? { url: options } : options;
}

/**
 * What the NATS client is given. Rejects with a ConfigError, or with `RELAY_AUTH` for a file that
 * cannot be read.
 */
export async function connectOptions(options: NatsOptions): Promise<NodeConnectionOptions> {
  const issues = natsIssues(options);
  if (issues.length > 0) throw new ConfigError(issues);
  const { url, credentialsFile, tlsCaFile, tlsCertFile, tlsKeyFile } = options;
  const hasTls = tlsCaFile !== undefined || tlsCertFile !== undefined;
  return {
    servers: typeof url === "string" ? url : [...url],
    timeout: options.timeoutMs ?? TIMEOUT_MS,
    // The relay keeps its own order: it begins again by itself when the server is back.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    pingInterval: 2_000,
    maxPingOut: 2,
    ...(hasTls && {
      tls: {
        ...(tlsCaFile !== undefined && { caFile: tlsCaFile }),
        ...(tlsCertFile !== undefined && { certFile: tlsCertFile }),
        ...(tlsKeyFile !== undefined && { keyFile: tlsKeyFile }),
      },
    }),
    ...(credentialsFile !== undefined && (await credentials(credentialsFile))),
  };
}

async function credentials(file: string): Promise<NodeConnectionOptions> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code = "unknown" } = Object(error) as { code?: string };
    throw relayError("RELAY_AUTH", `The file with the credentials cannot be read (${code}).`);
  }
  const content = bytes.toString("utf8").trim();
  if (content.includes("-----BEGIN ")) return { authenticator: credsAuthenticator(bytes) };
  if (/^S[A-Z2-7]{57}$/.test(content))
    return { authenticator: nkeyAuthenticator(Buffer.from(content)) };
  const colon = content.indexOf(":");
  if (colon < 1 || content.includes("\n"))
    throw relayError(
      "RELAY_AUTH",
      "The file with the credentials holds no .creds, no nkey seed and no line user:password.",
    );
  return { user: content.slice(0, colon), pass: content.slice(colon + 1) };
}

function isServerList(value: unknown): boolean {
  const urls: readonly unknown[] = Array.isArray(value) ? value : [value];
  return urls.length > 0 && urls.every(isServer);
}

function isServer(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return /^(nats|tls):\/\/[^\s/?#@]+$/i.test(value) && URL.canParse(value);
}
