import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A self-signed certificate as the gateway has one, made afresh. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint256: string;
}

/** Runs `openssl`. @param names the certificate's `subjectAltName` */
export function selfSigned(names: string): SelfSigned {
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-gateway-"));
  try {
    const args = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
    ];
    const out = [
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
      "-subj",
      "/CN=gateway",
      "-addext",
      `subjectAltName=${names}`,
    ];
    execFileSync("openssl", [...args, ...out], { cwd: folder, stdio: "pipe" });
    const cert = readFileSync(join(folder, "cert.pem"), "utf8");
    return {
      cert,
      key: readFileSync(join(folder, "key.pem"), "utf8"),
      fingerprint256: new X509Certificate(cert).fingerprint256,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
