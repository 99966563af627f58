import { isWsError, WsError } from "@oath-ws/contract";
import type { ErrorKind, StackErrorCode } from "@oath-ws/contract";

/** One row of {@link NODE_ERROR_RULES}. */
export interface NodeErrorRule {
  /** What the platform's `code` looks like. */
  readonly match: RegExp;
  readonly kind: ErrorKind;
  /** Our code. Absent: the platform's code is kept, since nothing of ours says it better. */
  readonly code?: StackErrorCode | undefined;
}

/** How the error codes of Node and of `ws` translate; the first row that matches counts. */
export const NODE_ERROR_RULES: readonly NodeErrorRule[] = Object.freeze<NodeErrorRule[]>([
  // ws, on what it received. All of these end as local close 1006, so only the code tells them
  // apart.
  { match: /^WS_ERR_INVALID_UTF8$/, kind: "server", code: "INVALID_UTF8" },
  {
    match: /^WS_ERR_UNSUPPORTED_(MESSAGE|DATA_PAYLOAD)_LENGTH$/,
    kind: "server",
    code: "MESSAGE_TOO_BIG",
  },
  { match: /^WS_ERR_/, kind: "server", code: "PROTOCOL_ERROR" },
  // zlib, on a compressed message.
  { match: /^Z_/, kind: "server", code: "PROTOCOL_ERROR" },
  // llhttp: what answered the upgrade request does not speak HTTP.
  { match: /^HPE_/, kind: "server", code: "HANDSHAKE_INVALID" },
  // OpenSSL: certificates and the TLS handshake. EPROTO, its code for the rest, is in the row
  // below.
  {
    match:
      /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$|OUT_OF_MEM$|UNSPECIFIED$)/,
    kind: "connection",
  },
  // The operating system and the resolver: ECONNREFUSED, ENOTFOUND, EAI_AGAIN and the like.
  { match: /^E(?!RR_)[A-Z0-9_]+$/, kind: "connection" },
  // Node's own words for a socket that is gone, or that could not be had in time.
  { match: /^ERR_(SOCKET|STREAM)_/, kind: "connection" },
]);

/**
 * The one place where a foreign error becomes a `WsError`; the original is its `cause`. A `WsError`
 * is handed back as it is. A code of {@link NODE_ERROR_RULES} is looked for on the error, then on
 * the parts of an `AggregateError` (Node tries several addresses at once), then on its `cause`.
 *
 * Never throws. An error without a known code becomes kind `unknown`, and its text is left out of
 * the message: it is not known what it holds.
 *
 * @param error whatever was thrown, rejected or emitted
 * @param doing how the message begins: `cannot connect to wss://host/path`. Must hold no secret
 */
export function fromNodeError(error: unknown, doing = "the connection failed"): WsError {
  if (isWsError(error)) return error;
  dropRawPacket(error);
  const coded = findCoded(error);
  if (coded === undefined) {
    const code = codeOf(error) ?? "UNKNOWN";
    return new WsError({
      kind: "unknown",
      code,
      message: `${doing}: ${describe(error)}`,
      cause: error,
    });
  }
  const { rule, code, text } = coded;
  return new WsError({
    kind: rule.kind,
    code: rule.code ?? code,
    message: `${doing}: ${text === "" ? code : text}`,
    cause: error,
  });
}

interface Coded {
  readonly rule: NodeErrorRule;
  readonly code: string;
  /** One line, never the whole of OpenSSL's complaint. */
  readonly text: string;
}

function findCoded(error: unknown): Coded | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const code = codeOf(error);
  const rule =
    code === undefined ? undefined : NODE_ERROR_RULES.find((row) => row.match.test(code));
  if (code !== undefined && rule !== undefined) return { rule, code, text: firstLine(error) };
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  // One level down and no further: deeper causes tell another story, and a cycle would never end.
  for (const inner of [first, (error as { cause?: unknown }).cause]) {
    const innerCode = codeOf(inner);
    const innerRule =
      innerCode === undefined
        ? undefined
        : NODE_ERROR_RULES.find((row) => row.match.test(innerCode));
    if (innerCode !== undefined && innerRule !== undefined) {
      return { rule: innerRule, code: innerCode, text: firstLine(inner) };
    }
  }
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code !== "" ? code : undefined;
}

function firstLine(error: unknown): string {
  const { message } = error as { message?: unknown };
  return typeof message === "string" ? (message.split("\n", 1)[0] ?? "").trim() : "";
}

function describe(error: unknown): string {
  if (error instanceof Error) return codeOf(error) ?? error.name;
  return `something that is no Error was thrown (${error === null ? "null" : typeof error})`;
}

/**
 * llhttp attaches the bytes it could not parse, which may hold the server's cookies; a printed
 * `cause` would show them.
 */
function dropRawPacket(error: unknown): void {
  if (error instanceof Error) Reflect.deleteProperty(error, "rawPacket");
}
