import { WsError } from "@oath-ws/contract";

/**
 * The error of a recording that cannot be continued: code `DISK_FULL` or `WRITE_FAILED`, the
 * platform's error as `cause`. What was written before it is whole lines and stays.
 */
export function recordError(cause: unknown): WsError {
  const code = platformCode(cause);
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new WsError({
    kind: "client",
    code: isFull ? "DISK_FULL" : "WRITE_FAILED",
    message: isFull
      ? "The disk is full. The recording ends here; free some space and start it again."
      : `The recording cannot be written (${code ?? "unknown reason"}) and ends here.`,
    cause,
  });
}

/** The platform's code of an error, such as `ENOENT`. */
export function platformCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
