import type { GatewaySession } from "./gateway-session.js";

const SERVER = {
  serverName: "JifZ28031",
  serverVersion: "Build 10.45.1a, Apr 22, 2026 1:39:05 PM",
} as const;

/**
 * `iserver.authStatus` of `/tickle` and the answer of `/iserver/auth/status` (I-13): without a
 * session short, and still HTTP 200.
 */
export function authStatus({ state }: GatewaySession): Readonly<Record<string, unknown>> {
  if (state === "brokerage") {
    return {
      authenticated: true,
      established: true,
      competing: false,
      connected: true,
      message: "",
      MAC: "98:F2:B3:23:BF:A0",
      serverInfo: SERVER,
      hardware_info: "sim|98:F2:B3:23:BF:A0",
    };
  }
  const rival = state === "rival";
  return {
    authenticated: false,
    established: false,
    competing: rival,
    connected: rival,
    MAC: null,
  };
}

/** What the statuses say is wrong where another platform has the session. */
export function failOf({ state }: GatewaySession): { readonly fail?: string } {
  if (state === "brokerage") return { fail: "" };
  return state === "rival" ? { fail: "existing session, set compete to true" } : {};
}

/** `args` of an `sts` frame (I-14). Of a lost session only what has changed, unless `full`. */
export function statusArgs(
  { state }: GatewaySession,
  username: string,
  full: boolean,
): Readonly<Record<string, unknown>> {
  const authenticated = state === "brokerage";
  const competing = state === "rival";
  if (!authenticated && !full) return competing ? { authenticated, competing } : { authenticated };
  const connected = state !== "logged-out";
  return {
    connected,
    authenticated,
    established: authenticated,
    competing,
    message: "",
    fail: "",
    ...SERVER,
    username,
  };
}

/** `args` of an `act` frame and the answer of `/iserver/accounts`. */
export function accounts(
  { id }: GatewaySession,
  account: string,
): Readonly<Record<string, unknown>> {
  return {
    accounts: [account],
    acctProps: {
      [account]: { hasChildAccounts: false, supportsCashQty: true, supportsFractions: true },
    },
    aliases: { [account]: account },
    allowFeatures: { showGFIS: true, allowFXConv: true, allowTypeAhead: true, debugPnl: true },
    chartPeriods: { STK: ["*"], CFD: ["*"], OPT: ["2h", "1d", "2d", "1w", "1m"] },
    groups: [],
    profiles: [],
    selectedAccount: account,
    serverInfo: SERVER,
    sessionId: id,
    isFT: false,
    isPaper: false,
  };
}
