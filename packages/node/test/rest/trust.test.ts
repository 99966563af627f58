import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { nodeRuntime, nodeRuntimeWith } from "../../src/runtime/node-venue-runtime.js";
import type { NodeRuntime, NodeRuntimeOptions } from "../../src/runtime/node-venue-runtime.js";
import { hasOpenssl, makeCertificates } from "../support/certificates.js";
import type { Certificates } from "../support/certificates.js";
import { restServer } from "./support.js";

const BUILT = new URL("../../dist/index.js", import.meta.url).href;
const available = hasOpenssl();

function get(
  { fetch }: NodeRuntime,
  url: string,
  timeoutMs?: number,
): ReturnType<NodeRuntime["fetch"]> {
  return fetch(url, { baseUrl: url, method: "GET", headers: { "x-key": "k" }, timeoutMs });
}

describe.skipIf(!available)(
  available ? "trust" : "trust (skipped: there is no openssl command)",
  () => {
    let certs: Certificates;

    beforeAll(() => {
      certs = makeCertificates();
    });

    it("is given by CA, by pin, and to a client certificate", async () => {
      const { fingerprint256 } = new X509Certificate(certs.wrongHost.cert);
      for (const [identity, options] of [
        [certs.good, { tls: { ca: certs.ca } }],
        [certs.good, { tls: () => ({ ca: certs.ca, ...certs.client }) }],
        [certs.wrongHost, { fingerprint256 }],
        [certs.wrongHost, { fingerprint256, tls: { ...certs.client } }],
      ] as const) {
        const server = await restServer((response) => response.end("{}"), identity);
        expect(await get(nodeRuntimeWith(options), server.url)).toMatchObject({ status: 200 });
      }
    });

    it.each(["0", "1"])(
      "is not changed by NODE_TLS_REJECT_UNAUTHORIZED=%s in the environment",
      async (value) => {
        const server = await restServer((response) => response.end("{}"), certs.selfSigned);
        const script = `import { nodeRuntime, nodeRuntimeWith } from ${JSON.stringify(BUILT)};
      const url = ${JSON.stringify(server.url)};
      const plain = await fetch(url).then(() => "trusted", () => "refused");
      const codes = [];
      const careless = nodeRuntimeWith({ tls: () => ({ rejectUnauthorized: false }) });
      for (const { fetch } of [nodeRuntime, careless]) {
        const asked = fetch(url, { baseUrl: url, method: "GET", headers: {} });
        codes.push(await asked.then(() => "trusted", ({ code, cause }) => code + " " + cause.code));
      }
      console.log(JSON.stringify({ plain, codes }));`;
        const child = spawn(
          process.execPath,
          ["--no-warnings", "--input-type=module", "-e", script],
          {
            stdio: ["ignore", "pipe", "inherit"],
            env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: value },
          },
        );
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        await once(child, "close");
        const refused = "REST_FAILED DEPTH_ZERO_SELF_SIGNED_CERT";
        // The platform's own fetch shows that the variable works.
        const plain = value === "0" ? "trusted" : "refused";
        expect(JSON.parse(output)).toEqual({ plain, codes: [refused, refused] });
        expect(server.requests.map(({ headers }) => headers["user-agent"])).toEqual(
          value === "0" ? ["node"] : [],
        );
      },
    );

    it("is not had by an expired, foreign or misnamed certificate", async () => {
      const trusting = nodeRuntimeWith({ tls: { ca: certs.ca } });
      for (const [identity, runtime, code] of [
        [certs.expired, trusting, "CERT_HAS_EXPIRED"],
        [certs.wrongHost, trusting, "ERR_TLS_CERT_ALTNAME_INVALID"],
        [certs.good, nodeRuntime, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
        [
          certs.good,
          nodeRuntimeWith({ fingerprint256: "00".repeat(32) }),
          "CERT_FINGERPRINT_MISMATCH",
        ],
      ] as const) {
        const server = await restServer((response) => response.end("{}"), identity);
        await expect(get(runtime, server.url)).rejects.toMatchObject({
          code: "REST_FAILED",
          cause: { code },
        });
        expect(server.requests).toEqual([]);
      }
    });

    it("is waited for within the time of the request, pinned or not", async () => {
      const sockets: Socket[] = [];
      const server = createTcpServer((socket) => sockets.push(socket.on("error", () => undefined)));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const runtime of [nodeRuntime, nodeRuntimeWith({ fingerprint256: "00".repeat(32) })]) {
        await expect(get(runtime, url, 50)).rejects.toMatchObject({ code: "REST_TIMEOUT" });
      }
    });

    it.each([
      ["no object", "x", /options: must be an object/],
      ["an unknown option", { ca: "x" }, /ca: is not an option/],
      ["a pin that is none", { fingerprint256: "5F:01" }, /64 hexadecimal digits/],
      ["no certificate", { tls: { ca: "no certificate" } }, /no certificate in PEM/],
      ["no certificates", { tls: { ca: [] } }, /no certificate in PEM/],
      [
        "no verification",
        { tls: { rejectUnauthorized: false } },
        /rejectUnauthorized: must be true/,
      ],
      ["an unknown TLS option", { tls: { verify: false } }, /tls.verify: is not an option/],
      ["a transport that is none", { transport: "none" }, /transport: must be/],
    ])("cannot be given by %s", (_, options, message) => {
      expect(() => nodeRuntimeWith(options as NodeRuntimeOptions)).toThrowError(message);
    });

    it.each(["ca", "servername"] as const)("cannot be given by pin and %s", (key) => {
      const tls = { [key]: key === "ca" ? certs.ca : "x" };
      const options = { fingerprint256: "00".repeat(32), tls };
      expect(() => nodeRuntimeWith(options)).toThrowError(/does not go with fingerprint256/);
    });
  },
);
