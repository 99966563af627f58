import { WsError } from "@oath-ws/contract";

/** What a status says of the brokerage session; what it leaves out is `undefined`. */
export interface BrokerageStatus {
  readonly authenticated?: boolean | undefined;
  readonly competing?: boolean | undefined;
  /** What is wrong, in the venue's words. */
  readonly fail?: string | undefined;
}

/**
 * What a `/tickle` brings: the id for the WebSocket, a secret, and the status, which has to be read
 * from the body: it is 200 in any case.
 */
export interface Tickle {
  readonly sessionId: string;
  readonly status: BrokerageStatus;
}

/** Reads the body of `/tickle`. @throws WsError `REST_INVALID` */
export function readTickle(body: unknown): Tickle {
  const sessionId = field(body, "session");
  if (typeof sessionId !== "string" || sessionId === "") throw invalid("/tickle");
  return { sessionId, status: readStatus(field(field(body, "iserver"), "authStatus")) };
}

/**
 * Reads `authStatus`, or the `args` of an `sts` frame: any subset of its members may be there
 * (I-14).
 */
export function readStatus(value: unknown): BrokerageStatus {
  return {
    authenticated: flag(field(value, "authenticated")),
    competing: flag(field(value, "competing")),
    fail: readFail(value),
  };
}

/**
 * Reads `fail`, which `/sso/validate` and every status may have: `undefined` for none. What could
 * be a secret in it is left out.
 */
export function readFail(value: unknown): string | undefined {
  const fail = field(value, "fail");
  if (typeof fail !== "string" || fail === "") return undefined;
  return fail.slice(0, 200).replaceAll(/[\w.-]{20,}/g, "(...)");
}

/**
 * Whether `ssodh/init` passed. Held elsewhere, `passed` is false and `competing` as well (I-13).
 * @throws WsError `REST_INVALID`
 */
export function readInit(body: unknown): "accepted" | "held" {
  const passed = field(body, "passed");
  if (typeof passed !== "boolean") throw invalid("/iserver/auth/ssodh/init");
  return passed && field(body, "competing") !== true ? "accepted" : "held";
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function invalid(path: string): WsError {
  return new WsError({
    kind: "server",
    code: "REST_INVALID",
    message: `the answer to ${path} is not what is documented`,
  });
}
