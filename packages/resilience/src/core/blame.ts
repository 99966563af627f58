import type { WsError } from "@oath-ws/contract";

/**
 * The errors that an `AuthSource` or an `EndpointSource` threw, or that its answer led to. They are
 * remembered beside the error, which may be frozen or belong to the caller.
 */
const fromAuthSource = new WeakSet<WsError>();

/** Notes that the venue has no part in this error. Returns it. */
export function blameAuthSource(error: WsError): WsError {
  fromAuthSource.add(error);
  return error;
}

export function isFromAuthSource(error: WsError): boolean {
  return fromAuthSource.has(error);
}

/**
 * Whether a `Retry-After` of this error is the venue's: it then holds for every connection to the
 * venue. That of a token service or a proxy delays only the connection that got it.
 */
export function isFromVenue(error: WsError): boolean {
  return error.kind !== "proxy" && !fromAuthSource.has(error);
}

/** Statuses by which credentials are refused, by a server or by a proxy (407). */
const REFUSED: readonly (number | undefined)[] = [401, 403, 407];

/**
 * Whether credentials were refused, by the upgrade's answer or by a source. Such refusals
 * may be those of a firewall or a token service that has a bad hour.
 */
export function isRefusal(error: WsError): boolean {
  return isFromAuthSource(error) || (error.close === undefined && REFUSED.includes(error.status));
}
