import type { WsError } from "@oath-ws/contract";
import type { SupervisorInput } from "../core/supervisor-messages.js";
import type { Link } from "./link.js";

/** Things that happened outside, in order, until the actor's next turn. */
export type Mail =
  | { readonly kind: "input"; readonly input: SupervisorInput }
  | { readonly kind: "opened"; readonly link: Link }
  | { readonly kind: "dialFailed"; readonly link: Link; readonly error: WsError }
  | { readonly kind: "closed"; readonly link: Link; readonly error: WsError }
  | { readonly kind: "ended"; readonly link: Link; readonly error: WsError };
