import { ConfigError, isConfigError } from "@oath-ws/contract";
import type { ConfigIssue } from "@oath-ws/contract";
import { numberFault } from "@oath-ws/resilience";
import { resolveOptions } from "../options/resolve-options.js";
import type { ResolvedOptions } from "../options/resolve-options.js";
import type { DirectConnectorOptions, WsDeflateOptions } from "../options/ws-connector-options.js";

/** Validated options of the direct leaf. */
export interface ResolvedDirectOptions extends ResolvedOptions {
  /** What to offer of permessage-deflate; `undefined`: nothing. */
  readonly deflate: WsDeflateOptions | undefined;
}

/** zlib has no raw window of 256 bytes, so the client's begins one higher. */
const WINDOW_BITS = { serverMaxWindowBits: [8, 15], clientMaxWindowBits: [9, 15] } as const;

const ALWAYS_ALONE = 'cannot be false with transport "direct": each message stands alone';

/**
 * What `resolveOptions` checks, and what only this leaf refuses. Throws one `ConfigError` with all
 * issues.
 */
export function resolveDirectOptions(options: DirectConnectorOptions = {}): ResolvedDirectOptions {
  const offer = (options as DirectConnectorOptions | null)?.socket?.perMessageDeflate;
  const deflate = offer === true ? {} : offer === false ? undefined : offer;
  const issues = [...deflateIssues(deflate)];
  try {
    const resolved = resolveOptions(options, "direct");
    if (issues.length === 0) return { ...resolved, deflate };
  } catch (error) {
    if (!isConfigError(error)) throw error;
    issues.unshift(...error.issues);
  }
  throw new ConfigError(issues);
}

function* deflateIssues(deflate: WsDeflateOptions | undefined): Generator<ConfigIssue> {
  // Of another type, `resolveOptions` refuses it.
  if (typeof deflate !== "object" || deflate === null) return;
  const path = "socket.perMessageDeflate";
  if (deflate.serverNoContextTakeover === false)
    yield { path: `${path}.serverNoContextTakeover`, message: ALWAYS_ALONE };
  if (deflate.clientNoContextTakeover === false)
    yield { path: `${path}.clientNoContextTakeover`, message: ALWAYS_ALONE };
  for (const [key, [min, max]] of Object.entries(WINDOW_BITS) as [
    keyof typeof WINDOW_BITS,
    readonly [number, number],
  ][]) {
    const bits = deflate[key];
    const message = bits === undefined ? undefined : numberFault({ min, max, whole: true }, bits);
    if (message !== undefined) yield { path: `${path}.${key}`, message };
  }
}
