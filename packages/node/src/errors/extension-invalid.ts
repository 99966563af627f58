import { WsError } from "@oath-ws/contract";

/**
 * The server's 101 answers another compression than was offered.
 *
 * @param where how the message begins
 */
export function extensionInvalid(where: string, why: string, cause?: unknown): WsError {
  return new WsError({
    kind: "server",
    code: "EXTENSION_INVALID",
    message: `${where}: ${why}`,
    cause,
  });
}
