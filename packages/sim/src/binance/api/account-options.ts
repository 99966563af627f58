/** An account that clients can log on to. */
export interface AccountOptions {
  /** The API key that clients send. */
  readonly apiKey: string;
  /** Ed25519 public key, PEM (SPKI). At least one of this and `hmacSecret` must be given. */
  readonly publicKey?: string;
  /**
   * Secret for HMAC-SHA-256 signatures; good for `subscribe.signature` and REST, never for
   * `session.logon` (B-33).
   */
  readonly hmacSecret?: string;
  /** Free balances by asset, as decimal texts. Default: 10 BTC, 100 ETH, 1 000 000 USDT. */
  readonly balances?: Readonly<Record<string, string>>;
}
