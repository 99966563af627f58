import type { WsConnection, WsError } from "@oath-ws/contract";
import type { SupervisorInput } from "../core/supervisor.js";

/** Things that happened outside, in order, until the actor's next turn. */
export type Mail =
  | { readonly kind: "input"; readonly input: SupervisorInput }
  | { readonly kind: "dialled"; readonly attempt: number; readonly connection: WsConnection }
  | { readonly kind: "dialFailed"; readonly attempt: number; readonly error: WsError }
  | { readonly kind: "ended"; readonly epoch: number; readonly error: WsError }
  | { readonly kind: "hungUp"; readonly epoch: number };
