import type { SessionKeeper } from "@oath-ws/venue-ibkr";

declare const session: SessionKeeper;
declare function alarm(text: string): void;

// #region session
for await (const { phase, cause, fail, penaltyUntil } of session.state) {
  if (phase === "login-required") alarm("log in at the gateway"); // then check()
  if (phase === "competing") alarm(`held elsewhere: ${fail ?? "?"}`); // session.takeOver() takes it
  if (penaltyUntil !== undefined) alarm(`too many requests: ${cause?.message}`);
}
// #endregion
