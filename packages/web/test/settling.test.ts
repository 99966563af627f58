import type { Socket } from "node:net";
import { isWsError } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { WebSocket as UndiciWebSocket } from "undici";
import { describe, expect, it } from "vitest";
import { WebSocket as NpmWebSocket } from "ws";
import { openWeb } from "../src/open-web.js";
import type { OpenWebOptions } from "../src/open-web.js";
import { startServer } from "./support/connections.js";
import { silentServer } from "./support/silent-server.js";

// Every await on the way to a connection over the web leaf: it hangs, it fails, it is aborted, it
// is shut down.

const PLATFORMS = { undici: UndiciWebSocket, "npm ws": NpmWebSocket } as const;
/** Enough for a step to be reached on a busy machine; what hangs takes as long. */
const SHORT_MS = 100;
/** Never within a test. */
const LONG_MS = 3_600_000;
const REASON = { why: "the test says so" };

interface Scene {
  readonly url: string;
  readonly auth?: OpenWebOptions["auth"];
  readonly reached: Promise<unknown>;
  /** Resolves when no socket of ours is left. */
  readonly gone: () => Promise<void>;
}

async function serving(act: (socket: Socket) => void, scheme = "ws"): Promise<Scene> {
  const { port, reached, gone } = await silentServer(act);
  return { url: `${scheme}://127.0.0.1:${port}/`, reached, gone };
}

const nothing = (): void => undefined;

const STEPS: readonly {
  name: string;
  hangs: () => Promise<Scene>;
  fails: () => Promise<Scene>;
  code: string;
}[] = [
  {
    name: "the AuthSource",
    hangs: async () => {
      let reach = nothing;
      const reached = new Promise<void>((resolve) => {
        reach = resolve;
      });
      const authorize = (): Promise<never> => {
        reach();
        return new Promise<never>(nothing);
      };
      return {
        url: "ws://venue.test/",
        auth: { authorize },
        reached,
        gone: () => Promise.resolve(),
      };
    },
    fails: async () => ({
      url: "ws://venue.test/",
      auth: { authorize: () => Promise.reject(new Error("no")) },
      reached: Promise.resolve(),
      gone: () => Promise.resolve(),
    }),
    code: "AUTH_FAILED",
  },
  {
    name: "the TLS handshake",
    hangs: () => serving(nothing, "wss"),
    fails: () => serving((socket) => socket.end("no TLS at all"), "wss"),
    code: "CONNECT_FAILED",
  },
  {
    name: "the answer to the upgrade",
    hangs: () => serving(nothing),
    fails: () => serving((socket) => socket.resetAndDestroy()),
    code: "CONNECT_FAILED",
  },
  {
    name: "the middle of the answer's head",
    hangs: () =>
      serving((socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs")),
    fails: () =>
      serving((socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs")),
    code: "CONNECT_FAILED",
  },
];

const CASES = Object.entries(PLATFORMS).flatMap(([platform, WebSocket]) =>
  STEPS.map((step) => ({ platform, WebSocket, ...step })),
);

/**
 * Undici takes no notice of being given up while TLS is shaking hands: the socket stays until its
 * own time is up, ten seconds on.
 */
const LINGERS: ReadonlySet<string> = new Set(["undici: the TLS handshake"]);

describe.each(CASES)(
  "connecting over $platform, when $name",
  ({ platform, WebSocket, name, hangs, fails, code }) => {
    const gone = async (scene: Scene): Promise<void> => {
      if (!LINGERS.has(`${platform}: ${name}`)) await scene.gone();
    };
    const options = (
      { auth }: Scene,
      timeoutMs: number,
      more: OpenWebOptions = {},
    ): OpenWebOptions => ({
      WebSocket,
      auth,
      gate: new AttemptGate(),
      config: { connect: { timeoutMs }, attempts: { maxAttempts: 1 } },
      ...more,
    });
    const causeOf = async (promise: Promise<unknown>): Promise<string> => {
      const error: unknown = await promise.then(nothing, (reason: unknown) => reason);
      if (!isWsError(error)) throw error;
      expect(error.code).toBe("ATTEMPTS_EXHAUSTED");
      return String((error.cause as { code?: string }).code);
    };

    it("hangs for ever, fails within connect.timeoutMs and leaves no socket", async () => {
      const scene = await hangs();
      expect(await causeOf(openWeb(scene.url, options(scene, SHORT_MS)))).toBe("CONNECT_TIMEOUT");
      await gone(scene);
    });

    it("fails, says so", async () => {
      const scene = await fails();
      expect(await causeOf(openWeb(scene.url, options(scene, LONG_MS)))).toBe(code);
      await gone(scene);
    });

    it("is where the signal is aborted, rejects with the reason and leaves no socket", async () => {
      const scene = await hangs();
      const controller = new AbortController();
      const opening = openWeb(scene.url, options(scene, LONG_MS, { signal: controller.signal }));
      opening.catch(nothing);
      await scene.reached;
      controller.abort(REASON);
      await expect(opening).rejects.toBe(REASON);
      await gone(scene);
    });

    it("is where shutdown comes, is given up with all that waits", async () => {
      const scene = await hangs();
      const feed = await openWeb(scene.url, options(scene, LONG_MS, { awaitFirst: false }));
      const reading = feed.source.readable();
      const sending = feed.sink.send("x", { whileDown: "wait", deadlineMs: LONG_MS });
      sending.catch(nothing);
      await scene.reached;
      await feed.control.shutdown({ timeoutMs: LONG_MS });
      expect(await reading).toBe(false);
      await expect(sending).rejects.toMatchObject({ code: "SHUT_DOWN" });
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "closed",
        exhausted: false,
        epoch: 0,
      });
      await gone(scene);
    });
  },
);

describe.each(Object.entries(PLATFORMS))(
  "with a connection open over %s to a peer that answers nothing",
  (_platform, WebSocket) => {
    it("shutdown is over within its bound, and settles what waits", async () => {
      const server = await startServer();
      const feed = await openWeb(server.url, { WebSocket, gate: new AttemptGate() });
      (await server.socket(0)).pause();
      const reading = feed.source.readable();
      const changing = feed.lifecycle.changed({ since: feed.lifecycle.snapshot });
      const closing = feed.sink.close();
      await feed.control.shutdown({ timeoutMs: SHORT_MS });
      expect(await Promise.all([reading, changing, closing])).toEqual([false, false, undefined]);
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "closed",
        exhausted: false,
        epoch: 1,
      });
      await expect(feed.sink.send("late")).rejects.toMatchObject({ code: "SHUT_DOWN" });
    });
  },
);
