/** Signs the tokens that go with requests. The adapter makes the text; the key stays here. */
export interface JwtSigner {
  readonly algorithm: "ES256" | "EdDSA";
  /** The name of the API key, `organizations/.../apiKeys/...`: `kid` and `sub` of every token. */
  readonly keyName: string;
  /**
   * The signature of these bytes: for ES256 the raw 64 bytes `r || s` over SHA-256, not DER; for
   * EdDSA the 64 bytes of Ed25519. What it throws is told as `SIGN_FAULT`, and tried again with a
   * new connection.
   */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** A number used once, as hexadecimal text, that cannot be guessed: 16 random bytes or more. */
  nonce(): string;
}
