import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/**
 * What the TLS tests need, made afresh: nothing secret in the repository, and nothing that expires
 * one day.
 */
export interface Certificates {
  /** In PEM; signed all of the following but `selfSigned`. */
  readonly ca: string;
  /** For localhost and 127.0.0.1. */
  readonly good: Identity;
  readonly wrongHost: Identity;
  readonly expired: Identity;
  readonly selfSigned: Identity;
  readonly client: Identity;
}

/** Whether the `openssl` command is there; the TLS tests are skipped, and say so, without it. */
export function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const CA_CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

/** Runs `openssl` a dozen times, about 10 ms each. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-certs-"));
  const run = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  };
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const leaf = (name: string, san: string, from?: string, to?: string): Identity => {
    run(
      "req",
      "-new",
      ...newKey,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}`,
      "-addext",
      `subjectAltName=${san}`,
    );
    const dates =
      from === undefined || to === undefined
        ? ["-days", "2"]
        : ["-startdate", from, "-enddate", to];
    const signing = [
      "-config",
      "ca.cnf",
      "-cert",
      "ca.pem",
      "-keyfile",
      "ca.key",
      "-batch",
      "-notext",
    ];
    run("ca", ...signing, ...dates, "-in", `${name}.csr`, "-out", `${name}.pem`);
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  try {
    writeFileSync(join(folder, "ca.cnf"), CA_CONFIG);
    writeFileSync(join(folder, "index.txt"), "");
    writeFileSync(join(folder, "serial"), "01\n");
    run(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      "/CN=test ca",
    );
    run(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "self.key",
      "-out",
      "self.pem",
      "-days",
      "2",
      "-subj",
      "/CN=self",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    );
    return {
      ca: read("ca.pem"),
      good: leaf("good", "DNS:localhost,IP:127.0.0.1"),
      wrongHost: leaf("wrong", "DNS:elsewhere.test"),
      expired: leaf("expired", "IP:127.0.0.1", "20200101000000Z", "20200102000000Z"),
      selfSigned: { cert: read("self.pem"), key: read("self.key") },
      client: leaf("client", "DNS:client.test"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
