import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity } from "../../support/certificates.js";

/**
 * What a certificate is to be. Default: P-256, for `127.0.0.1`, valid now, for any use, signed by
 * the authority.
 */
interface Wanted {
  readonly key?: readonly string[];
  readonly san?: string;
  readonly usage?: string;
  /** Both in the form `20200101000000Z`. */
  readonly valid?: readonly [from: string, to: string];
}

const CONFIG = `
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

const P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** A certificate authority in a folder of its own, for as long as a test file runs. */
export class Authority {
  /** Its certificate, in PEM. */
  readonly ca: string;
  readonly #folder: string;
  #made = 0;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "oath-ws-authority-"));
    writeFileSync(join(this.#folder, "ca.cnf"), CONFIG);
    writeFileSync(join(this.#folder, "index.txt"), "");
    writeFileSync(join(this.#folder, "serial"), "01\n");
    this.#request(["-x509", "-days", "2"], P256, "ca", "test authority");
    this.ca = this.#read("ca.crt");
  }

  /** Signs a certificate. */
  issue({ key = P256, san = "IP:127.0.0.1", usage, valid }: Wanted = {}): Identity {
    const name = `leaf${++this.#made}`;
    const extensions = [
      `subjectAltName=${san}`,
      ...(usage === undefined ? [] : [`extendedKeyUsage=${usage}`]),
    ];
    this.#request([], key, name, name, extensions);
    const dates =
      valid === undefined ? ["-days", "1"] : ["-startdate", valid[0], "-enddate", valid[1]];
    const signing = [
      "-config",
      "ca.cnf",
      "-cert",
      "ca.crt",
      "-keyfile",
      "ca.key",
      "-batch",
      "-notext",
    ];
    this.#openssl("ca", ...signing, ...dates, "-in", `${name}.csr`, "-out", `${name}.crt`);
    return { cert: this.#read(`${name}.crt`), key: this.#read(`${name}.key`) };
  }

  /** One that only itself has signed. */
  selfSigned(): Identity {
    this.#request(["-x509", "-days", "1"], P256, "self", "self", ["subjectAltName=IP:127.0.0.1"]);
    return { cert: this.#read("self.crt"), key: this.#read("self.key") };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #request(
    how: readonly string[],
    key: readonly string[],
    name: string,
    subject: string,
    extensions: readonly string[] = [],
  ): void {
    const out = [
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.${how.length > 0 ? "crt" : "csr"}`,
      "-subj",
      `/CN=${subject}`,
    ];
    this.#openssl(
      "req",
      "-new",
      ...how,
      "-newkey",
      ...key,
      "-nodes",
      ...out,
      ...extensions.flatMap((each) => ["-addext", each]),
    );
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }
}
