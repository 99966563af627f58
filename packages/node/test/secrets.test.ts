import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Agent } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { AttemptGate } from "oath-ws";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TRACE_CHANNEL } from "../src/runtime/diagnostics.js";
import { open } from "../src/open.js";
import type { OpenOptions } from "../src/open.js";
import { frame, OP } from "./support/frames.js";
import { RawPeer, rawServer } from "./support/raw-server.js";
import type { RawServer } from "./support/raw-server.js";

/** Every secret that a caller can hand in, each in its place; none of them may be printed. */
const CANARY = /canary-[a-z]+/;
const SECRETS = {
  headers: { authorization: "Bearer canary-header", cookie: "session=canary-cookie" },
  auth: {
    authorize: (handshake) => ({
      ...handshake,
      headers: { ...handshake.headers, "x-signature": "canary-signature" },
    }),
  },
} satisfies OpenOptions;
const PAYLOAD = "canary-payload";

function secretUrl(url: string): string {
  const parsed = new URL(url);
  parsed.username = "canary-user";
  parsed.password = "canary-password";
  parsed.pathname = "/ws/canary-path";
  parsed.search = "?token=canary-query";
  return parsed.href;
}

interface Evil {
  /** What the server does with a connection; `request` is what it was asked, secrets included. */
  readonly serve: (peer: RawPeer) => Promise<void>;
  /** Whether the connection comes up before it dies. */
  readonly up: boolean;
}

const answer =
  (head: string, echo = true) =>
  async (peer: RawPeer): Promise<void> => {
    const request = await peer.request();
    // Servers echo what they were sent, in headers and bodies.
    const body = echo ? request : "";
    peer.socket.end(
      `${head}set-cookie: sid=canary-response\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  };

const upThen =
  (fault: (peer: RawPeer) => void) =>
  async (peer: RawPeer): Promise<void> => {
    await peer.upgrade();
    await peer.nextFrame();
    fault(peer);
  };

const TABLE: Readonly<Record<string, Evil>> = {
  "refused with 401": { up: false, serve: answer("HTTP/1.1 401 Unauthorized\r\n") },
  "refused with 429": {
    up: false,
    serve: answer("HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\n"),
  },
  "redirected to an address with a secret": {
    up: false,
    serve: answer("HTTP/1.1 302 Found\r\nlocation: ws://127.0.0.1/?token=canary-location\r\n"),
  },
  "an accept key that is none": {
    up: false,
    serve: answer(
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: " +
        "upgrade\r\nsec-websocket-accept: canary-accept\r\n",
      false,
    ),
  },
  "an echo instead of HTTP": {
    up: false,
    serve: async (peer) => {
      peer.socket.end(`\u0000${await peer.request()}`);
    },
  },
  "reset in the handshake": {
    up: false,
    serve: async (peer) => {
      await peer.request();
      peer.socket.resetAndDestroy();
    },
  },
  "reset when up": { up: true, serve: upThen((peer) => peer.socket.resetAndDestroy()) },
  "an unknown opcode with an echo": {
    up: true,
    serve: upThen((peer) => peer.socket.write(frame(0x3, "canary-echo"))),
  },
  "text that is not UTF-8": {
    up: true,
    serve: upThen((peer) =>
      peer.socket.write(
        frame(OP.text, Buffer.concat([Buffer.from("canary-echo"), Buffer.from([0xff])])),
      ),
    ),
  },
};

const released: (() => void)[] = [];
afterEach(() => {
  for (const release of released.splice(0)) release();
});

/** Everything that a caller could print, log or serialise while a connection lives and dies. */
class Evidence {
  readonly texts: string[] = [];

  constructor() {
    const listen = (event: unknown): void => this.add(event);
    subscribe(TRACE_CHANNEL, listen);
    // Node prints these past `process.stderr.write`.
    process.on("warning", listen);
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
    released.push(() => {
      unsubscribe(TRACE_CHANNEL, listen);
      process.off("warning", listen);
      for (const spy of spies) spy.mockRestore();
    });
    this.#spies = spies;
  }

  readonly #spies;

  add(value: unknown): void {
    this.texts.push(inspect(value, { depth: 20, getters: true, breakLength: 200 }), String(value));
    if (value instanceof Error) this.texts.push(value.stack ?? "", JSON.stringify(value));
    else if (!hasCycle(value)) this.texts.push(JSON.stringify(value) ?? "");
  }

  get leaks(): readonly string[] {
    const written = this.#spies.flatMap((spy) => spy.mock.calls.map(([text]) => String(text)));
    return [...this.texts, ...written].filter((text) => CANARY.test(text));
  }
}

function hasCycle(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
}

async function serveAll(server: RawServer, { serve }: Evil): Promise<void> {
  for (;;) await serve(new RawPeer(await server.next())).catch(() => undefined);
}

describe.each(["ws", "direct"] as const)(
  "nothing that a caller keeps secret is printed: leaf %s",
  (leaf) => {
    it.each(Object.entries(TABLE))("%s", async (_, evil) => {
      const server = await rawServer();
      void serveAll(server, evil);
      const evidence = new Evidence();
      const traced: unknown[] = [];
      const connection = await open(secretUrl(server.url), {
        ...SECRETS,
        transport: leaf,
        awaitFirst: evil.up,
        tracer: { trace: (event) => traced.push(event) },
      });
      if (evil.up)
        await connection.sink.send(PAYLOAD).catch((error: unknown) => evidence.add(error));
      let { snapshot } = connection.lifecycle;
      while (!traced.some((event) => (event as { kind: string }).kind === "failure")) {
        await connection.lifecycle.changed({ since: snapshot });
        ({ snapshot } = connection.lifecycle);
        evidence.add(snapshot);
      }
      evidence.add(connection);
      evidence.add(connection.stats());
      evidence.add(connection.headers);
      await connection.control.shutdown();
      await connection.sink.send(PAYLOAD).catch((error: unknown) => evidence.add(error));
      await connection.source.readable().catch((error: unknown) => evidence.add(error));
      for (const event of traced) evidence.add(event);
      evidence.add(connection.lifecycle.snapshot);
      expect(traced.length).toBeGreaterThan(1);
      expect(evidence.leaks).toEqual([]);
    });

    it("there is no listener", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      const evidence = new Evidence();
      const failure: unknown = await open(secretUrl(`wss://127.0.0.1:${port}/`), {
        ...SECRETS,
        transport: leaf,
        config: { attempts: { maxAttempts: 1 } },
      }).catch((error: unknown) => error);
      evidence.add(failure);
      expect(failure).toMatchObject({
        code: "ATTEMPTS_EXHAUSTED",
        cause: { code: "ECONNREFUSED" },
      });
      expect(evidence.leaks).toEqual([]);
    });

    it("keys and passphrases of TLS", async () => {
      const evidence = new Evidence();
      const material: readonly NonNullable<OpenOptions["tls"]>[] = [
        { key: "canary-key", cert: "canary-cert", passphrase: "canary-passphrase" },
        { pfx: Buffer.from("canary-pfx"), passphrase: "canary-passphrase" },
        { ca: "canary-ca" },
        { ciphers: "canary-ciphers" },
        () => ({ key: "canary-key", passphrase: "canary-passphrase" }),
        // Sound, as far as can be told before it is needed.
        { passphrase: "canary-passphrase" },
      ];
      for (const [index, tls] of material.entries()) {
        const failure: unknown = await open("wss://127.0.0.1:1/", {
          transport: leaf,
          tls,
          // The one of the process is for the tests that follow.
          gate: new AttemptGate(),
          config: { attempts: { maxAttempts: 1 } },
        }).catch((error: unknown) => error);
        expect(["CONFIG_INVALID", "ATTEMPTS_EXHAUSTED"], `material ${index}`).toContain(
          (failure as { code?: string }).code,
        );
        evidence.add(failure);
      }
      expect(evidence.leaks).toEqual([]);
    });

    it("an agent's credentials for its proxy", async () => {
      const server = await rawServer();
      void serveAll(server, {
        up: false,
        serve: answer("HTTP/1.1 407 Proxy Authentication Required\r\n"),
      });
      const evidence = new Evidence();
      // As those of npm keep it: in fields of the agent, which Node hangs onto its requests and
      // sockets.
      const agent = Object.assign(new Agent({ keepAlive: true }), {
        proxy: new URL("http://canary-user:canary-password@127.0.0.1:1/"),
        proxyHeaders: { "proxy-authorization": "Basic canary-proxy" },
      });
      const failure: unknown = await open(secretUrl(server.url), {
        transport: leaf,
        socket: { agent },
        config: { attempts: { permanentRetries: 0 } },
      }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: "auth", status: 407 });
      evidence.add(failure);
      expect(evidence.leaks).toEqual([]);
    });

    it("options and addresses that are refused", async () => {
      const refused: readonly (readonly [string, OpenOptions])[] = [
        ["wss://canary-user:canary-password@/?token=canary-query", {}],
        ["ftp://127.0.0.1/?token=canary-query#canary-fragment", {}],
        ["ws://127.0.0.1:1/?token=canary-query#canary-fragment", {}],
        ["ws://127.0.0.1:1/", { headers: { authorization: "canary-header\r\nx: y" } }],
        ["ws://127.0.0.1:1/", { protocols: ["canary-protocol, x"] }],
        ["ws://127.0.0.1:1/", { auth: "canary-auth" as never }],
        [
          "ws://127.0.0.1:1/",
          {
            auth: { authorize: () => ({ url: "canary-url" }) as never },
            config: { attempts: { maxAttempts: 1 } },
          },
        ],
      ];
      const evidence = new Evidence();
      for (const [url, options] of refused) {
        const gate = new AttemptGate();
        const failure: unknown = await open(url, { ...options, transport: leaf, gate }).catch(
          (error: unknown) => error,
        );
        expect(failure, url).toBeInstanceOf(Error);
        evidence.add(failure);
      }
      expect(evidence.leaks).toEqual([]);
    });
  },
);

it("the evidence would show a leak", () => {
  const evidence = new Evidence();
  evidence.add(new Error("authorization: canary-header"));
  evidence.add({ nested: { deep: { header: "canary-cookie" } } });
  expect(evidence.leaks.length).toBeGreaterThanOrEqual(2);
});
