import { ConfigError } from "@oath-ws/contract";
import type { JwtSigner } from "../auth/jwt-signer.js";
import { jwtSigner } from "./signers.js";

/**
 * A signer from the contents of the JSON file in which the venue hands out a key:
 * `{"name": "organizations/.../apiKeys/...", "privateKey": "..."}`, where newer ones call the name
 * `id`. The kind of key is told from the key.
 *
 * @throws ConfigError when it is no such file; nothing of it is shown
 */
export function signerFromKeyFile(text: string): JwtSigner {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says quotes the file.
    throw fault("keyFile", "is no JSON");
  }
  if (typeof value !== "object" || value === null) throw fault("keyFile", "is no JSON object");
  const { name, id, privateKey } = value as Readonly<Record<string, unknown>>;
  const keyName = name ?? id;
  if (typeof keyName !== "string") throw fault("keyFile.name", "must be a text");
  if (typeof privateKey !== "string") throw fault("keyFile.privateKey", "must be a text");
  return jwtSigner({ keyName, privateKey });
}

function fault(path: string, message: string): ConfigError {
  return new ConfigError([{ path, message }]);
}
