export { signerFromKeyFile } from "./key-file.js";
export { ed25519Signer, es256Signer, jwtSigner } from "./signers.js";
export type { ApiKey } from "./signers.js";
