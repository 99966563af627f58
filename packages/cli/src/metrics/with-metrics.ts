import { readFile } from "node:fs/promises";
import type { Telemetry } from "@oath-ws/telemetry";
import { errorLine } from "../error-line.js";
import { UsageError } from "../usage-error.js";
import { parseListenAddress } from "../local/listen-address.js";

/** What the command line says about metrics. */
export interface MetricsRequest {
  /** `HOST:PORT`; `undefined` for no metrics. */
  readonly address: string | undefined;
  /** The file that holds the token. */
  readonly tokenFile: string | undefined;
}

/** Runs a command, with its metrics served meanwhile where that is asked for. */
export async function withMetrics(
  { address: text, tokenFile }: MetricsRequest,
  run: (telemetry: Telemetry | undefined) => Promise<void>,
): Promise<void> {
  if (text === undefined) {
    if (tokenFile !== undefined) throw new UsageError("--metrics-token goes with --metrics");
    await run(undefined);
    return;
  }
  const address = parseListenAddress(text, "--metrics");
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  if (!address.isLoopback && token === undefined)
    throw new UsageError(
      `other machines can reach ${address.host}: --metrics needs --metrics-token FILE there`,
    );
  // The SDK is loaded for those who ask for metrics only.
  const { serveMetrics } = await import("./serve-metrics.js");
  const endpoint = await serveMetrics(address, token);
  process.stderr.write(`oath-ws: metrics at ${endpoint.url}\n`);
  try {
    await run(endpoint.telemetry);
  } finally {
    await endpoint.close();
  }
}

async function readToken(file: string): Promise<string> {
  let token: string;
  try {
    token = (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new UsageError(`--metrics-token: ${errorLine(error)}`);
  }
  if (!/^[\x21-\x7e]{16,}$/.test(token))
    throw new UsageError("--metrics-token: the file must hold one word of at least 16 characters");
  return token;
}
