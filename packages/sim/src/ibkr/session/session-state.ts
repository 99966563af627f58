/**
 * The two tiers of a login (I-11). `portal`: logged in, no brokerage session, read-only topics live
 * on. `rival`: the same, and another platform of the user has the brokerage session.
 */
export type SessionState = "logged-out" | "portal" | "brokerage" | "rival";

/**
 * What happens to a login. `login` brings the brokerage session up, `login-only` does not; `init`
 * is a new brokerage session without a fight, `fight` one with `"compete":true`.
 */
export type SessionEvent =
  | "login"
  | "login-only"
  | "init"
  | "fight"
  | "lost"
  | "rival-came"
  | "rival-left"
  | "login-ended";

/** Where an event leads. What is not listed changes nothing. */
const NEXT: Readonly<Record<SessionState, Partial<Record<SessionEvent, SessionState>>>> = {
  "logged-out": { login: "brokerage", "login-only": "portal" },
  portal: {
    login: "brokerage",
    init: "brokerage",
    fight: "brokerage",
    "rival-came": "rival",
    "login-ended": "logged-out",
  },
  brokerage: { lost: "portal", "rival-came": "rival", "login-ended": "logged-out" },
  rival: { fight: "brokerage", "rival-left": "portal", "login-ended": "logged-out" },
};

/** The state after an event; the same one if the event means nothing in it. */
export function nextState(state: SessionState, event: SessionEvent): SessionState {
  return NEXT[state][event] ?? state;
}
