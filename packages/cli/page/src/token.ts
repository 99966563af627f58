import { CODE_KEY } from "../../src/dash/protocol.js";

/** The token stays in this tab: other sites, other tabs and later visits do not see it. */
const STORED = "oath-ws-dash-token";

/** The start code of the address, which then shows it no longer. */
export function takeCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get(CODE_KEY);
  if (code === null) return undefined;
  history.replaceState(null, "", location.pathname);
  return code;
}

/** The token of an earlier exchange. */
export function storedToken(): string | undefined {
  return sessionStorage.getItem(STORED) ?? undefined;
}

/** Keeps a token; `undefined` forgets it. */
export function storeToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(STORED);
  else sessionStorage.setItem(STORED, token);
}
