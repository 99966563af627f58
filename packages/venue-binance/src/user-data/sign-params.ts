import { WsError } from "@oath-ws/contract";
import { signaturePayload } from "../rest/signed-request.js";
import type { Credentials } from "./credentials.js";

/** The code of a signer that failed. */
export const SIGN_FAULT = "SIGN_FAULT";

/** Parameters of a request. */
export type Params = Readonly<Record<string, string | number | boolean>>;

/**
 * Adds the key, the time and the signature to a request of the WebSocket API (B-35). Rejects with
 * `SIGN_FAULT`.
 *
 * @param timestamp Unix milliseconds of the venue's clock
 */
export async function signParams(
  { apiKey, recvWindow, sign }: Credentials,
  timestamp: number,
  params: Params = {},
): Promise<Params> {
  const whole = {
    ...params,
    apiKey,
    timestamp,
    ...(recvWindow === undefined ? {} : { recvWindow }),
  };
  try {
    return { ...whole, signature: await sign(signaturePayload(whole)) };
  } catch (cause) {
    throw new WsError({ kind: "auth", code: SIGN_FAULT, message: "the signer failed", cause });
  }
}
