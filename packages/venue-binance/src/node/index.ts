export { ed25519Signer, hmacSigner, rsaSigner } from "./signers.js";
