import { loopbackAddress } from "@oath-ws/sim";
import { open } from "oath-ws";
import { expect, it } from "vitest";
import { Backend } from "./support/backend.js";
import { describeServer, LEAVES } from "./support/describe-server.js";
import { firstFailure, QUICK, receive, Trail, until, WATCHFUL } from "./support/feed.js";
import { freePort, Program } from "./support/program.js";

const HAPROXY = { package: "haproxy", file: "/usr/sbin/haproxy" };

/** Long enough for a busy machine to get a ping through. */
const TUNNEL_MS = 2_000;

async function startHaproxy(backend: number, port: number): Promise<Program> {
  const config = `
global
  maxconn 64
  hard-stop-after 100ms
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  timeout tunnel ${TUNNEL_MS}ms
frontend venue
  bind 127.0.0.1:${port}
  http-request return status 429 hdr Retry-After 60 if { path /429 }
  http-request deny deny_status 401 if { path /401 }
  http-request deny deny_status 403 if { path /403 }
  http-request redirect location /ws code 302 if { path /302 }
  http-request silent-drop if { path /silence }
  use_backend down if { path /down }
  use_backend absent if { path /absent }
  default_backend up
backend up
  server one 127.0.0.1:${backend}
backend down
  server one ${loopbackAddress()}:9
backend absent
`;
  return Program.start({
    command: HAPROXY.file,
    args: (folder) => ["-db", "-f", `${folder}/haproxy.cfg`],
    files: () => ({ "haproxy.cfg": config }),
    listens: port,
  });
}

/** What its answers become. */
const REFUSALS = [
  {
    path: "/401",
    error: { kind: "auth", code: "UPGRADE_REFUSED", status: 401 },
    verdict: "permanent",
  },
  {
    path: "/403",
    error: { kind: "auth", code: "UPGRADE_REFUSED", status: 403 },
    verdict: "permanent",
  },
  {
    path: "/429",
    error: { kind: "throttled", code: "UPGRADE_REFUSED", status: 429, retryAfterMs: 60_000 },
    verdict: "transient",
  },
  {
    path: "/302",
    error: { kind: "client", code: "UPGRADE_REFUSED", status: 302 },
    verdict: "transient",
  },
  // Both a backend that refuses and a backend without servers are a 503 here, without Retry-After.
  {
    path: "/down",
    error: { kind: "server", code: "UPGRADE_REFUSED", status: 503 },
    verdict: "transient",
  },
  {
    path: "/absent",
    error: { kind: "server", code: "UPGRADE_REFUSED", status: 503 },
    verdict: "transient",
  },
] as const;

describeServer("haproxy as a proxy", [HAPROXY], () => {
  it.each(LEAVES.flatMap((leaf) => REFUSALS.map((row) => ({ leaf, ...row }))))(
    "$leaf: $path is $verdict",
    async ({ leaf, path, error, verdict }) => {
      await using backend = await Backend.start();
      const port = await freePort();
      await using _haproxy = await startHaproxy(backend.port, port);
      const tracer = new Trail();
      await using feed = await open(`ws://127.0.0.1:${port}${path}`, {
        transport: leaf,
        tracer,
        config: QUICK,
        awaitFirst: false,
      });
      const failure = await firstFailure(feed, tracer);
      expect(failure.error).toMatchObject(error);
      expect(failure.verdict).toBe(verdict);
    },
  );

  // silent-drop forgets the connection and tells neither side, as firewalls do with whom they have
  // banned. TCP would wait for minutes.
  it.each(LEAVES)("%s: a silent drop is a CONNECT_TIMEOUT, and tried again", async (leaf) => {
    await using backend = await Backend.start();
    const port = await freePort();
    await using _haproxy = await startHaproxy(backend.port, port);
    const tracer = new Trail();
    const config = { ...QUICK, connect: { timeoutMs: 300 } };
    await using feed = await open(`ws://127.0.0.1:${port}/silence`, {
      transport: leaf,
      tracer,
      config,
      awaitFirst: false,
    });
    await until(feed.lifecycle, ({ attempts }) => attempts === 3);
    const codes = tracer.of("failure").map(({ error, verdict }) => `${verdict} ${error.code}`);
    expect(codes).toEqual(["transient CONNECT_TIMEOUT", "transient CONNECT_TIMEOUT"]);
  });

  // After the 101 "timeout tunnel" takes the place of the client's and the server's timeouts. It is
  // for both directions at once.
  it.each(LEAVES)(
    "%s: a silent connection is cut off after the tunnel timeout, seen, and replaced",
    async (leaf) => {
      await using backend = await Backend.start();
      const port = await freePort();
      await using _haproxy = await startHaproxy(backend.port, port);
      await using feed = await open(`ws://127.0.0.1:${port}/ws`, {
        transport: leaf,
        config: QUICK,
      });
      await until(feed.lifecycle, ({ epoch }) => epoch === 2);
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "resumed",
        cause: { code: "SOCKET_LOST", close: { code: 1006 }, epoch: 1 },
      });
    },
  );

  it.each(LEAVES)("%s: probes keep it open for as long as one likes", async (leaf) => {
    await using backend = await Backend.start();
    const port = await freePort();
    await using _haproxy = await startHaproxy(backend.port, port);
    await using feed = await open(`ws://127.0.0.1:${port}/ws`, {
      transport: leaf,
      config: { ...QUICK, liveness: WATCHFUL },
    });
    await backend.pinged(Math.ceil((TUNNEL_MS * 1.5) / WATCHFUL.probeAfterMs));
    await feed.sink.send("still there?");
    expect((await receive(feed)).text()).toBe("still there?");
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
  });

  // A soft stop stops listening at once, keeps its connections until hard-stop-after, then cuts
  // them off. A client that is cut off finds no server.
  it.each(LEAVES)("%s: a restart is a break that is tried through", async (leaf) => {
    await using backend = await Backend.start();
    const port = await freePort();
    const tracer = new Trail();
    const haproxy = await startHaproxy(backend.port, port);
    await using feed = await open(`ws://127.0.0.1:${port}/ws`, {
      transport: leaf,
      tracer,
      config: { ...QUICK, liveness: WATCHFUL },
    });
    haproxy.signal("SIGUSR1");
    await until(feed.lifecycle, ({ cause }) => cause?.code === "ECONNREFUSED");
    expect(tracer.of("failure")[0]?.error).toMatchObject({ code: "SOCKET_LOST", epoch: 1 });
    await haproxy[Symbol.asyncDispose]();
    await using _next = await startHaproxy(backend.port, port);
    await until(feed.lifecycle, ({ phase }) => phase === "resumed");
    await feed.sink.send("after");
    expect(await receive(feed)).toMatchObject({ epoch: 2, seq: 1 });
  });
});
