import { loopbackAddress } from "@oath-ws/sim";
import { open } from "oath-ws";
import { expect, it } from "vitest";
import { Backend } from "./support/backend.js";
import { describeServer, LEAVES } from "./support/describe-server.js";
import { firstFailure, QUICK, receive, Trail, until, WATCHFUL } from "./support/feed.js";
import { freePort, Program } from "./support/program.js";

const NGINX = { package: "nginx", file: "/usr/sbin/nginx" };

/** Long enough for a busy machine to get a ping through. */
const READ_TIMEOUT_S = 2;

const UPGRADE =
  "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header " +
  "Connection upgrade;";

async function startNginx(
  backend: number,
): Promise<{ readonly program: Program; readonly url: string } & AsyncDisposable> {
  const port = await freePort();
  const config = (folder: string): string => `
    daemon off;
    user root;
    worker_processes 1;
    worker_shutdown_timeout 100ms;
    pid ${folder}/pid;
    error_log stderr;
    events { worker_connections 64; }
    http {
      access_log off;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      limit_conn_zone $server_port zone=all:1m;
      server {
        listen 127.0.0.1:${port};
        location /ws {
          proxy_pass http://127.0.0.1:${backend}; ${UPGRADE}
          proxy_read_timeout ${READ_TIMEOUT_S}s;
        }
        location /one {
          limit_conn all 1; limit_conn_status 429;
          proxy_pass http://127.0.0.1:${backend}; ${UPGRADE}
        }
        location /plain { proxy_pass http://127.0.0.1:${backend}; }
        location /down { proxy_pass http://${loopbackAddress()}:9; ${UPGRADE} }
        location /401 { return 401; }
        location /403 { return 403; }
        location /429 { add_header Retry-After 60 always; return 429; }
        location /503 { add_header Retry-After "Wed, 21 Oct 2037 07:28:00 GMT" always; return 503; }
        location /302 { return 302 /ws; }
        location /200 { return 200; }
        location /444 { return 444; }
      }
    }`;
  const program = await Program.start({
    command: NGINX.file,
    args: (folder) => ["-e", "stderr", "-c", `${folder}/nginx.conf`],
    files: (folder) => ({ "nginx.conf": config(folder) }),
    listens: port,
  });
  return {
    program,
    url: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
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
  // The backend is down: 502 where haproxy says 503. Neither says when to come back.
  {
    path: "/down",
    error: { kind: "server", code: "UPGRADE_REFUSED", status: 502 },
    verdict: "transient",
  },
  // Redirects are not followed, and the body of a 200 is no WebSocket.
  {
    path: "/302",
    error: { kind: "client", code: "UPGRADE_REFUSED", status: 302 },
    verdict: "transient",
  },
  {
    path: "/200",
    error: { kind: "client", code: "UPGRADE_REFUSED", status: 200 },
    verdict: "transient",
  },
  // An operator who writes a location and forgets the two proxy_set_header lines gets the backend's
  // "426 Upgrade Required": looks like a wrong address, and is one.
  {
    path: "/plain",
    error: { kind: "client", code: "UPGRADE_REFUSED", status: 426 },
    verdict: "permanent",
  },
  {
    path: "/nowhere",
    error: { kind: "client", code: "UPGRADE_REFUSED", status: 404 },
    verdict: "permanent",
  },
  // nginx's own 444 is no answer at all: it hangs up.
  { path: "/444", error: { kind: "connection", code: "ECONNRESET" }, verdict: "transient" },
] as const;

describeServer("nginx as a proxy", [NGINX], () => {
  it.each(LEAVES.flatMap((leaf) => REFUSALS.map((row) => ({ leaf, ...row }))))(
    "$leaf: $path is $verdict",
    async ({ leaf, path, error, verdict }) => {
      await using backend = await Backend.start();
      await using nginx = await startNginx(backend.port);
      const tracer = new Trail();
      await using feed = await open(nginx.url + path, {
        transport: leaf,
        tracer,
        config: QUICK,
        awaitFirst: false,
      });
      const failure = await firstFailure(feed, tracer);
      expect(failure.error).toMatchObject(error);
      expect(failure.verdict).toBe(verdict);
      // The floor of the next attempt, as it was planned; both are fractions of milliseconds.
      if (failure.error.retryAfterMs !== undefined) {
        expect(failure.retryAt! - failure.at).toBeGreaterThan(failure.error.retryAfterMs - 1);
      }
    },
  );

  it.each(LEAVES)(
    "%s: a date in Retry-After is waited for, and shutdown does not wait for it",
    async (leaf) => {
      await using backend = await Backend.start();
      await using nginx = await startNginx(backend.port);
      const tracer = new Trail();
      await using feed = await open(`${nginx.url}/503`, {
        transport: leaf,
        tracer,
        config: QUICK,
        awaitFirst: false,
      });
      const { error } = await firstFailure(feed, tracer);
      // A day is the longest pause that a server can ask for.
      expect(error.retryAfterMs).toBe(86_400_000);
      await feed.control.shutdown();
      expect(feed.lifecycle.snapshot.phase).toBe("closed");
      expect(tracer.of("attempt")).toHaveLength(1);
    },
  );

  // The classic: a quiet feed behind nginx ends after proxy_read_timeout (60 s unless set), with a
  // FIN and without a close frame.
  it.each(LEAVES)(
    "%s: a silent connection is cut off after proxy_read_timeout, seen, and replaced",
    async (leaf) => {
      await using backend = await Backend.start();
      await using nginx = await startNginx(backend.port);
      await using feed = await open(`${nginx.url}/ws`, { transport: leaf, config: QUICK });
      await until(feed.lifecycle, ({ epoch }) => epoch === 2);
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "resumed",
        cause: { code: "SOCKET_LOST", close: { code: 1006 }, epoch: 1 },
      });
    },
  );

  // The timeout is between two reads from the backend, so the pong counts. A probe below it is all
  // that it takes: ours comes after 5 s.
  it.each(LEAVES)("%s: probes keep it open for as long as one likes", async (leaf) => {
    await using backend = await Backend.start();
    await using nginx = await startNginx(backend.port);
    await using feed = await open(`${nginx.url}/ws`, {
      transport: leaf,
      config: { ...QUICK, liveness: WATCHFUL },
    });
    const { probeAfterMs } = WATCHFUL;
    await backend.pinged(Math.ceil((READ_TIMEOUT_S * 1_500) / probeAfterMs));
    await feed.sink.send("still there?");
    expect((await receive(feed)).text()).toBe("still there?");
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
  });

  // "nginx -s reload" keeps the old worker for its connections until worker_shutdown_timeout, then
  // cuts them off, again without a close frame.
  it.each(LEAVES)("%s: a reload of its configuration is one short break", async (leaf) => {
    await using backend = await Backend.start();
    await using nginx = await startNginx(backend.port);
    await using feed = await open(`${nginx.url}/ws`, {
      transport: leaf,
      config: { ...QUICK, liveness: WATCHFUL },
    });
    nginx.program.signal("SIGHUP");
    await until(feed.lifecycle, ({ epoch }) => epoch === 2);
    expect(feed.lifecycle.snapshot).toMatchObject({
      phase: "resumed",
      cause: { code: "SOCKET_LOST", epoch: 1 },
    });
    await feed.sink.send("after");
    expect(await receive(feed)).toMatchObject({ epoch: 2, seq: 1 });
  });

  // A limit of connections answers without Retry-After. Only backoff and gate stand between a
  // client and a hammer.
  it.each(LEAVES)("%s: one over limit_conn gets in when there is room", async (leaf) => {
    await using backend = await Backend.start();
    await using nginx = await startNginx(backend.port);
    await using first = await open(`${nginx.url}/one`, { transport: leaf, config: QUICK });
    const tracer = new Trail();
    await using second = await open(`${nginx.url}/one`, {
      transport: leaf,
      tracer,
      config: QUICK,
      awaitFirst: false,
    });
    const { error, verdict } = await firstFailure(second, tracer);
    expect({ error, verdict }).toMatchObject({
      error: { kind: "throttled", status: 429 },
      verdict: "transient",
    });
    expect(error.retryAfterMs).toBeUndefined();
    await first.control.shutdown();
    await until(second.lifecycle, ({ phase }) => phase === "connected");
  });
});
