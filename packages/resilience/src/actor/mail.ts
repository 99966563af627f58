import type { WsError } from "@oath-ws/contract";
import type { SupervisorInput } from "../core/supervisor-messages.js";
import type { State } from "../core/supervisor-table.js";
import type { Link } from "./link.js";

/** Things that happened outside, in order, until the actor's next turn. */
export type Mail =
  | { readonly kind: "input"; readonly input: SupervisorInput }
  /** The `EndpointSource` has answered or failed. */
  | { readonly kind: "answered"; readonly input: SupervisorInput }
  /** The platform ran us again, or has another network: the open socket is in doubt. */
  | { readonly kind: "doubted" }
  | { readonly kind: "opened"; readonly link: Link }
  | { readonly kind: "dialFailed"; readonly link: Link; readonly error: WsError }
  | { readonly kind: "closed"; readonly link: Link; readonly error: WsError }
  | { readonly kind: "ended"; readonly link: Link; readonly error: WsError };

/** Nothing is put into it. */
export const NO_MAIL: Mail[] = [];

/**
 * What the end of the present socket means to the supervisor. While our own close is under way this
 * is its answer: a shutdown waits for the end of the socket, a replacement only for the peer's
 * close frame.
 */
export function inputOfLoss(
  { kind, error }: Extract<Mail, { readonly kind: "closed" | "ended" }>,
  state: State,
): SupervisorInput | undefined {
  const isLetGo = state === "letGo" || state === "parting";
  if (state !== "closing" && !isLetGo) return { kind: "failed", error };
  return isLetGo || kind === "ended" ? { kind: "gone" } : undefined;
}
