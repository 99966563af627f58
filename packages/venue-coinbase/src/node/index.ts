export { ed25519Signer, es256Signer } from "./signers.js";
export type { ApiKey } from "./signers.js";
