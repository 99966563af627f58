import { isWsError } from "@oath-ws/contract";

/** One line for an error. */
export function errorText(error: unknown): string {
  if (isWsError(error)) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
