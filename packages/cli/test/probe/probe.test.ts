import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { ServerOptions } from "ws";
import { tlsProblems } from "../../src/probe/tls-problems.js";
import { throwawayCertificate } from "../../src/sim/throwaway-certificate.js";
import { records } from "../support/run-cli.js";
import { here } from "../support/run-here.js";

const DAY_MS = 86_400_000;

/** Listens on loopback until the test ends, and gives the port. */
async function listening(server: Server, host = "127.0.0.1"): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function webSockets(options: ServerOptions = {}) {
  const server = createHttpServer();
  const peers = new WebSocketServer({ server, ...options });
  return { peers, server, url: `ws://127.0.0.1:${await listening(server)}` };
}

/** A WebSocket server behind a certificate of its own. */
async function secure(lifeMs: number) {
  const certificate = throwawayCertificate(lifeMs, Date.now());
  const server = createHttpsServer(certificate);
  const peers = new WebSocketServer({ server, perMessageDeflate: true });
  const port = await listening(server, "0.0.0.0");
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-probe-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, certificate.cert);
  return { peers, port, ca };
}

const QUICK = ["--idle", "50ms"] as const;

async function probed(...args: readonly string[]) {
  const { code, out, err } = await here("probe", ...QUICK, "--json", ...args);
  const [report] = records(out);
  return { code, out, err, report };
}

describe("oath-ws probe", () => {
  it("reports every step of a server over TLS, and no secret", async () => {
    const { peers, port, ca } = await secure(30 * DAY_MS);
    peers.on("headers", (headers) =>
      headers.push(`Date: ${new Date(Date.now() + 3_600_000).toUTCString()}`, "Set-Cookie: canary"),
    );
    peers.on("connection", (socket, { headers }) => {
      expect(headers["x-key"]).toBe("canary-header");
      for (const text of ["one", "three"]) setTimeout(() => socket.send(text), 20);
      socket.ping();
    });
    const localhost = expect.stringContaining("localhost") as string;
    const url = `wss://localhost:${port}/canary-path?token=canary-query`;
    const args = [
      "--ca",
      ca,
      "--pings",
      "3",
      "--idle",
      "300ms",
      "--header",
      "x-key: canary-header",
    ];
    const { code, out, err, report } = await probed(...args, url);
    expect([code, err]).toEqual([0, ""]);
    expect(report).toMatchObject({
      endpoint: `wss://localhost:${port}`,
      steps: {
        dns: expect.any(Number) as number,
        tcp: expect.any(Number) as number,
        tls: expect.any(Number) as number,
        upgrade: expect.any(Number) as number,
      },
      tls: {
        version: "TLSv1.3",
        refusal: null,
        chain: [{ subject: "oath-ws simulator", names: localhost }],
      },
      upgrade: {
        status: 101,
        protocol: "",
        extensions: expect.stringMatching(/^permessage-deflate/) as string,
        otherHeaders: ["set-cookie"],
      },
      ping: { sent: 3, answered: 3 },
      idle: { closed: null },
      close: { answered: true, code: 1000 },
      problems: [],
      warnings: [],
    });
    const { addresses, clock } = report as {
      addresses: string[];
      clock: { leastMs: number; mostMs: number };
    };
    expect(addresses).toContain("127.0.0.1");
    expect(clock.leastMs).toBeGreaterThan(3_500_000);
    expect(clock.mostMs).toBeGreaterThan(clock.leastMs);
    const people = await here("probe", ...QUICK, ...args, url);
    expect(people.code).toBe(0);
    expect(people.out).toMatch(/^ {2}clock {4}is ahead of ours by \d+ to \d+ ms$/m);
    expect(people.out).toMatch(/^ {2}tls .*TLSv1\.3.*verified$/m);
    expect(out + people.out).not.toContain("canary");
  });

  it("counts what comes while nothing is sent, and tells the subprotocol", async () => {
    const { peers, url } = await webSockets({ handleProtocols: () => "two" });
    peers.on("connection", (socket) => {
      socket.once("ping", () => {
        socket.send("hello");
        socket.ping();
      });
    });
    const { code, report } = await probed(
      ...["--protocol", "one", "--protocol", "two", "--pings", "1", url],
    );
    expect(code).toBe(0);
    expect(report).toMatchObject({ tls: null, upgrade: { protocol: "two", extensions: "" } });
    // What came before the pong counts as well, but not as idle.
    expect(report).toMatchObject({ ping: { answered: 1 }, close: { answered: true } });
  });

  it("says which step fails, in one line and with exit code 1", async () => {
    const refusing = createHttpServer((_request, response) => {
      response.writeHead(_request.url === "/plain" ? 200 : 403).end("canary-body");
    });
    const refused = `ws://127.0.0.1:${await listening(refusing)}`;
    const silent = `ws://127.0.0.1:${await listening(createTcpServer())}`;
    const foreign = createTcpServer((socket) => socket.end("SSH-2.0-x\r\n").on("error", () => 0));
    const ssh = `ws://127.0.0.1:${await listening(foreign)}`;
    const mute = await webSockets({ autoPong: false });
    const closing = await webSockets();
    closing.peers.on("connection", (socket) => socket.once("ping", () => socket.close(4001, "go")));
    const { port, ca } = await secure(30 * DAY_MS);
    const expired = await secure(-60_000);
    const cases: readonly (readonly [args: readonly string[], problem: RegExp])[] = [
      [["ws://127.0.0.1:1"], /ECONNREFUSED/],
      [["ws://no-such-host.invalid"], /ENOTFOUND|EAI_AGAIN/],
      [[refused], /403/],
      [[`${refused}/plain`], /200/],
      [[ssh], /HANDSHAKE_INVALID/],
      [["--timeout", "200ms", silent], /took the connection and did not answer the upgrade/],
      [["--timeout", "200ms", mute.url], /no pong within 0\.2 s/],
      [["--timeout", "5s", "--pings", "1", closing.url], /ended the connection: close code 4001/],
      [[`wss://127.0.0.1:${port}`], /SELF_SIGNED/],
      [["--ca", ca, `wss://127.0.0.2:${port}`], /ALTNAME_INVALID/],
      [["--ca", expired.ca, `wss://127.0.0.1:${expired.port}`], /CERT_HAS_EXPIRED/],
    ];
    for (const [args, problem] of cases) {
      const { code, out, err, report } = await probed(...args);
      expect([args, code]).toEqual([args, 1]);
      expect(report).toMatchObject({ problems: [expect.stringMatching(problem)] });
      expect(err).toMatch(problem);
      expect(err.trim().split("\n")).toHaveLength(1);
      expect(out + err).not.toContain("canary");
    }
    // The certificates that were refused are shown.
    const { out } = await here("probe", ...QUICK, `wss://127.0.0.1:${expired.port}`);
    expect(out).toMatch(/^ {2}tls .*NOT TRUSTED$/m);
    expect(out).toMatch(/chain {2}oath-ws simulator .*EXPIRED$/m);
  });
});

it("probe warns of a certificate that ends within two weeks", () => {
  const now = Date.UTC(2026, 10, 30);
  const link = (days: number) => ({
    subject: `in ${days}`,
    issuer: "",
    names: "",
    validFrom: "",
    validTo: new Date(now + days * DAY_MS).toISOString(),
    fingerprint: "",
  });
  const facts = { version: null, cipher: null, refusal: null, chain: [link(13), link(15)] };
  expect(tlsProblems(facts, now)).toEqual({
    problems: [],
    warnings: ["the certificate of in 13 expires in 13 days"],
  });
});
