import type { Signer } from "../rest/signed-request.js";

/** Whose account, and how requests are signed. The secret stays inside the signer. */
export interface Credentials {
  readonly apiKey: string;
  /**
   * `ed25519Signer`, `rsaSigner` or `hmacSigner` of `@oath-ws/venue-binance/node`, or one's own: a
   * key in hardware, another process.
   */
  readonly sign: Signer;
  /** How long a request stays valid, in milliseconds; at most 60 000 (B-35). Default 5 000. */
  readonly recvWindow?: number | undefined;
}
