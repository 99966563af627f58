import { isConfigError, WsError } from "@oath-ws/contract";
import type { EndpointSource, ReconnectingConnection } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import type { PartialConfig } from "@oath-ws/resilience";
import { accept, refuse } from "@oath-ws/testing";
import type { DialStep } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { Rig, sendNumbers, STABLE_MS, takeAll, texts } from "./support/rig.js";
import type { RigOptions } from "./support/rig.js";

const [A, B, C] = ["wss://a.test", "wss://b.test:8443", "wss://c.test"] as const;
const URLS = [`${A}/stream?key=secret`, `${B}/`, `${C}/`];
const RETURN_MS = 60_000;
const RETURNS: PartialConfig = { failover: { returnAfterMs: RETURN_MS } };
const DOWN = refuse({ code: "ECONNREFUSED" });
const UNAUTHORISED = refuse({ status: 401 });

/** For `catch()`. */
function same(error: unknown): unknown {
  return error;
}

/** Several servers, each of which answers as it is told. */
class Servers {
  readonly rig: Rig;
  readonly answers = new Map<string, DialStep>();

  constructor(down: readonly string[] = [], options: RigOptions = {}) {
    for (const origin of down) this.answers.set(origin, DOWN);
    this.rig = new Rig({
      ...options,
      otherwise: ({ handshake }) => this.answers.get(new URL(handshake.url).origin) ?? accept(),
    });
  }

  connect(
    url: string | readonly string[] | EndpointSource = URLS,
  ): Promise<ReconnectingConnection> {
    const request = { url, protocols: [], headers: {} };
    return this.rig.connector.connect(request, { awaitFirst: false });
  }

  async up(url?: string | readonly string[] | EndpointSource): Promise<ReconnectingConnection> {
    const connection = await this.connect(url);
    await this.rig.untilEpoch(connection, 1);
    return connection;
  }

  /** Where each dial went. */
  get dialled(): readonly string[] {
    return this.rig.leaf.dials.map(({ handshake }) => new URL(handshake.url).host);
  }
}

describe("several endpoints", () => {
  it("are tried in order, at once, and the snapshot, the trace, errors and figures name them", async () => {
    const servers = new Servers([A, B]);
    const connection = await servers.up();
    const { rig } = servers;
    expect(servers.dialled).toEqual(["a.test", "b.test:8443", "c.test"]);
    expect(rig.now).toBe(0);
    expect(connection.lifecycle.snapshot).toMatchObject({ endpoint: C, attempts: 3, epoch: 1 });
    expect(connection.lifecycle.snapshot.cause?.endpoint).toBe(B);
    expect(rig.traced("attempt").map(({ endpoint }) => endpoint)).toEqual([A, B, C]);
    expect(rig.traced("failure").map(({ endpoint }) => endpoint)).toEqual([A, B]);
    expect(rig.traced("opened")).toMatchObject([{ endpoint: C, attempt: 3 }]);
    expect(connection.stats().attemptsByEndpoint).toEqual([
      { endpoint: A, count: 1 },
      { endpoint: B, count: 1 },
      { endpoint: C, count: 1 },
    ]);
    expect(JSON.stringify([rig.trace, connection.stats()])).not.toContain("secret");
  });

  it("back off by rounds: a pause comes when every one has failed, and doubles with the rounds", async () => {
    const servers = new Servers([A, B, C], { config: { attempts: { max: 100 } } });
    await servers.connect();
    await servers.rig.world.run(3_000);
    const times = servers.rig.dialTimes;
    const rounds = [0, 3, 6, 9].map((i) => times.slice(i, i + 3));
    for (const round of rounds) expect(new Set(round).size).toBe(1);
    const starts = rounds.map(([at = 0]) => at);
    const pauses = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(125 * 2 ** i);
      expect(pause).toBeLessThanOrEqual(250 * 2 ** i);
    }
  });

  it("a proven connection that is lost tries its own endpoint first, then the others in order", async () => {
    const servers = new Servers([A]);
    const connection = await servers.up();
    await servers.rig.world.run(STABLE_MS);
    servers.answers.set(B, DOWN);
    servers.rig.peer.reset();
    await servers.rig.untilEpoch(connection, 2);
    const [, , own = "", ...others] = servers.dialled;
    expect([own, ...others]).toEqual(["b.test:8443", "a.test", "c.test"]);
  });

  it("a connection that did not prove itself counts as a failed attempt: the next one is tried", async () => {
    const servers = new Servers();
    const connection = await servers.up();
    servers.rig.peer.reset();
    await servers.rig.untilEpoch(connection, 2);
    expect(servers.dialled).toEqual(["a.test", "b.test:8443"]);
    expect(servers.rig.now).toBe(0);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", endpoint: B });
  });

  it("passes over one that asked to be left alone, and comes back to it when that is over", async () => {
    const servers = new Servers([B, C]);
    servers.answers.set(A, refuse({ status: 429, retryAfterMs: 5_000 }));
    const connection = await servers.connect();
    await servers.rig.world.run(4_999);
    servers.answers.set(A, accept());
    await servers.rig.untilEpoch(connection, 1);
    expect(servers.dialled.filter((host) => host === "a.test")).toHaveLength(2);
    expect(servers.dialled.length).toBeGreaterThan(6);
    expect(servers.rig.dialTimes.at(-1)).toBe(5_000);
    expect(connection.lifecycle.snapshot.endpoint).toBe(A);
  });

  it("passes over one whose gate is full while another is free; if all wait, the earliest goes", async () => {
    const gate = new AttemptGate();
    const limit = { max: 4, windowMs: 60_000 };
    const config = { attempts: { max: 4, windowMs: 60_000 } };
    const fill = (url: string, now: number): void => {
      for (let i = 0; i < 4; i++) {
        const request = { url, limit, asked: false, provenUntil: Infinity, now };
        gate.claim(
          gate.reserve(request, () => undefined),
          now,
        );
      }
    };
    const servers = new Servers([], { gate, config });
    fill(URLS[0] ?? "", 0);
    const first = await servers.up();
    expect(first.lifecycle.snapshot.endpoint).toBe(B);
    await servers.rig.world.run(10_000);
    fill(URLS[1] ?? "", servers.rig.now);
    fill(URLS[2] ?? "", servers.rig.now);
    const second = await servers.connect();
    await servers.rig.world.settle();
    expect(second.lifecycle.snapshot).toMatchObject({
      waitingFor: "gate",
      waitingUntil: 60_000,
    });
    await servers.rig.untilEpoch(second, 1);
    expect(second.lifecycle.snapshot.endpoint).toBe(A);
    expect(servers.rig.now).toBe(60_000);
  });

  it("does not move a healthy one by force: its own endpoint is tried first", async () => {
    const servers = new Servers([A]);
    const connection = await servers.up();
    connection.trigger.forceReconnect();
    await servers.rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot.endpoint).toBe(B);
  });

  it("is unrecoverable only when all have refused for good, and then names every cause", async () => {
    const servers = new Servers();
    servers.answers
      .set(A, UNAUTHORISED)
      .set(B, refuse({ status: 404 }))
      .set(C, DOWN);
    const connection = await servers.connect();
    await servers.rig.world.run(3_600_000);
    expect(connection.lifecycle.snapshot.phase).toBe("connecting");
    servers.answers.set(C, refuse({ status: 403 }));
    await servers.rig.untilPhase(connection, "unrecoverable");
    const { cause } = connection.lifecycle.snapshot;
    expect(cause).toMatchObject({ code: "ENDPOINTS_REFUSED", kind: "auth" });
    expect(cause?.message).toMatch(
      /1\. wss:\/\/a\.test: .*401.*2\. wss:\/\/b\.test:8443: .*404.*3\. /,
    );
    expect(cause?.message).not.toContain("secret");
    expect(cause?.cause).toMatchObject({ errors: [{ endpoint: A }, { status: 404 }, {}] });
    await expect(connection.source.readable()).rejects.toBe(cause);
  });

  it("tries one that has refused too often once a minute, and the others meanwhile", async () => {
    const servers = new Servers([B], { config: { attempts: { max: 1_000 } } });
    servers.answers.set(A, UNAUTHORISED);
    await servers.connect(URLS.slice(0, 2));
    await servers.rig.world.run(600_000);
    const counts = (host: string): number => servers.dialled.filter((one) => one === host).length;
    expect(counts("a.test")).toBeLessThanOrEqual(4 + 10);
    expect(counts("a.test")).toBeGreaterThanOrEqual(4 + 8);
    expect(counts("b.test:8443")).toBeGreaterThan(20);
  });

  it("are refused all at once for everything that is wrong with them", async () => {
    const { rig } = new Servers();
    const url = ["ws://a", "http://b", "ws://a/", "nonsense", 7 as unknown as string];
    const request = { url, protocols: [], headers: {} };
    const error: unknown = await rig.connector.connect(request, { name: "" }).catch(same);
    expect(isConfigError(error) && error.issues.map(({ path }) => path)).toEqual([
      "url[1]",
      "url[2]",
      "url[3]",
      "url[4]",
      "name",
    ]);
    const paths = async (bad: unknown): Promise<unknown> => {
      const made = rig.connector.connect({ ...request, url: bad as string });
      const refused: unknown = await made.catch(same);
      return isConfigError(refused) && refused.issues.map(({ path }) => path);
    };
    expect(await paths([])).toEqual(["url"]);
    expect(await paths({})).toEqual(["url"]);
    expect(await paths(Array.from({ length: 65 }, (_, i) => `ws://h${i}`))).toEqual(["url"]);
    expect(rig.leaf.dials).toEqual([]);
  });
});

describe("an EndpointSource", () => {
  it("is asked before each round, and its answer is the round's list", async () => {
    const servers = new Servers([A, B]);
    const rounds: (readonly [number, string | undefined])[] = [];
    const source: EndpointSource = {
      next({ round, lastError }) {
        rounds.push([round, lastError?.endpoint]);
        return round < 3 ? URLS.slice(0, 2) : [URLS[2] ?? ""];
      },
    };
    const connection = await servers.up(source);
    expect(connection.name).toBe("endpoints");
    expect(servers.dialled).toEqual(["a.test", "b.test:8443", "a.test", "b.test:8443", "c.test"]);
    expect(rounds).toEqual([
      [1, undefined],
      [2, B],
      [3, B],
    ]);
  });

  it("that fails is a failed attempt: it is told, backed off from, and its Retry-After obeyed", async () => {
    const servers = new Servers();
    const failures: unknown[] = [
      new Error("no registry"),
      new WsError({ kind: "server", code: "REGISTRY_BUSY", message: "busy", retryAfterMs: 7_000 }),
    ];
    const source: EndpointSource = {
      next: () => {
        const failure = failures.shift();
        return failure === undefined ? Promise.resolve(URLS) : Promise.reject(failure);
      },
    };
    const connection = await servers.connect(source);
    await servers.rig.world.run(1_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connecting",
      endpoint: "",
      waitingFor: "retryAfter",
      cause: { code: "REGISTRY_BUSY" },
    });
    expect(servers.rig.traced("failure")[0]).toMatchObject({
      endpoint: "",
      error: { code: "ENDPOINTS_FAILED" },
      verdict: "transient",
    });
    await servers.rig.untilEpoch(connection, 1);
    expect(servers.rig.now).toBeGreaterThanOrEqual(7_000);
  });

  it("that never answers is given up after connect.timeoutMs, and asked again", async () => {
    const servers = new Servers();
    const aborted: unknown[] = [];
    let asked = 0;
    const source: EndpointSource = {
      next: ({ signal }) => {
        signal.addEventListener("abort", () => aborted.push(signal.reason));
        return ++asked === 1 ? new Promise(() => undefined) : URLS;
      },
    };
    const connection = await servers.up(source);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({
      kind: "timeout",
      code: "ENDPOINTS_FAILED",
    });
    expect(aborted).toHaveLength(1);
  });

  it("that gives nonsense ends the connection after a few tries; shutdown ends a question", async () => {
    const servers = new Servers();
    const bad = await servers.connect({ next: () => ["ws://a", "ws://a"] });
    await servers.rig.untilPhase(bad, "unrecoverable");
    expect(bad.lifecycle.snapshot.cause?.code).toBe("ENDPOINTS_INVALID");
    const slow = await servers.connect({ next: () => new Promise(() => undefined) });
    await servers.rig.world.settle();
    await servers.rig.world.complete(slow.control.shutdown());
    expect(servers.dialled).toEqual([]);
    servers.rig.expectNothingLeft();
  });
});

describe("the return to the first endpoint", () => {
  it("is off by default", async () => {
    const servers = new Servers([A], { config: { liveness: false } });
    await servers.up();
    servers.answers.clear();
    await servers.rig.world.run(86_400_000);
    expect(servers.dialled).toEqual(["a.test", "b.test:8443"]);
  });

  it("dials beside the standing connection and goes over without a lost or doubled frame", async () => {
    const servers = new Servers([A], { config: RETURNS, mock: { reactAfterMs: 100 } });
    const { rig } = servers;
    const connection = await servers.up();
    const old = rig.peer;
    sendNumbers(old, 1, 3);
    servers.answers.set(A, accept({ afterMs: 500 }));
    await rig.world.run(RETURN_MS);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", endpoint: B });
    expect(rig.leaf.openSockets).toBe(2);
    await rig.world.runUntil(() => rig.leaf.current !== old);
    // The new one is up. The old one goes on until it has answered the close frame.
    rig.peer.text("7");
    sendNumbers(old, 4, 5);
    await rig.world.run(50);
    old.text("6");
    expect(connection.lifecycle.snapshot).toMatchObject({ epoch: 1, downSince: undefined });
    await rig.untilEpoch(connection, 2);
    rig.peer.text("8");
    await rig.world.settle();
    expect(old.closeFrameReceived).toMatchObject({ code: 1000 });
    const frames = takeAll(connection);
    expect(texts(frames)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(frames.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 1, 1, 1, 2, 2]);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "resumed",
      endpoint: A,
      totalDownMs: 0,
      totalLagged: 0,
      cause: { code: "RETURNED" },
    });
    expect(rig.traced("attempt").at(-1)).toMatchObject({ endpoint: A, isTrial: true });
    expect(rig.leaf.openSockets).toBe(1);
  });

  it("that fails changes nothing but the time of the next, which doubles", async () => {
    const servers = new Servers([A], { config: { ...RETURNS, liveness: false } });
    const { rig } = servers;
    const connection = await servers.up();
    const before = connection.lifecycle.snapshot;
    await rig.world.run(16 * RETURN_MS);
    expect(connection.lifecycle.snapshot).toEqual({ ...before, attempts: before.attempts + 4 });
    const trials = rig.traced("attempt").filter(({ isTrial }) => isTrial);
    expect(trials.map(({ at }) => at / RETURN_MS)).toEqual([1, 3, 7, 15]);
    expect(rig.traced("trialFailed")).toHaveLength(4);
    expect(rig.traced("trialFailed")[0]).toMatchObject({ endpoint: A, retryAt: 3 * RETURN_MS });
    await rig.world.run(86_400_000);
    const times = rig.traced("attempt").map(({ at }) => at);
    expect((times.at(-1) ?? 0) - (times.at(-2) ?? 0)).toBe(3_600_000);
  });

  it("takes a slot at the gate like every attempt, and a Retry-After is obeyed", async () => {
    const config = { ...RETURNS, attempts: { max: 1, windowMs: 300_000 } };
    const servers = new Servers([], { config });
    const { rig } = servers;
    servers.answers.set(A, refuse({ status: 429, retryAfterMs: 1_000_000 }));
    const connection = await servers.up();
    await rig.world.run(999_999);
    expect(servers.dialled).toEqual(["a.test", "b.test:8443"]);
    servers.answers.clear();
    await rig.untilEpoch(connection, 2);
    expect(rig.dialTimes.at(-1)).toBe(1_000_000);
  });

  it("to a first endpoint that does not last is tried at longer pauses", async () => {
    const servers = new Servers([A], { config: RETURNS });
    const { rig } = servers;
    const connection = await servers.up();
    servers.answers.set(A, accept({ onAccept: (peer) => peer.reset() }));
    await rig.world.run(16 * RETURN_MS);
    const trials = rig.traced("attempt").filter(({ isTrial }) => isTrial);
    expect(trials.length).toBeGreaterThanOrEqual(3);
    expect(trials.length).toBeLessThanOrEqual(4);
    expect(connection.lifecycle.snapshot).toMatchObject({ endpoint: B, phase: "resumed" });
  });

  it("is given up when the standing connection is lost, forced or shut down", async () => {
    const servers = new Servers([A], { config: RETURNS });
    const { rig } = servers;
    servers.answers.set(A, DOWN);
    for (const end of ["reset", "force", "shutdown"] as const) {
      const connection = await servers.up();
      servers.answers.set(A, accept({ afterMs: 5_000 }));
      await rig.world.run(RETURN_MS);
      expect(rig.leaf.openSockets).toBe(2);
      servers.answers.set(A, DOWN);
      const standing = rig.leaf.peers.findLast(({ isOpen }) => isOpen);
      if (end === "reset") standing?.reset();
      else if (end === "force") connection.trigger.forceReconnect();
      else await rig.world.complete(connection.control.shutdown());
      if (end !== "shutdown") await rig.untilEpoch(connection, 2);
      expect(rig.leaf.dials.filter(({ outcome }) => outcome === "pending")).toEqual([]);
      await rig.world.complete(connection.control.shutdown());
      rig.expectNothingLeft();
    }
  });

  it("takes over at once from a silent connection, and in 250 ms from one that does not answer", async () => {
    const servers = new Servers([A], {
      config: { ...RETURNS, liveness: { deadAfterMs: 500_000 } },
    });
    const { rig } = servers;
    const connection = await servers.up();
    servers.answers.clear();
    await rig.world.run(RETURN_MS - 20_000);
    rig.peer.goSilent();
    await rig.untilPhase(connection, "stale");
    await rig.untilEpoch(connection, 2);
    expect(rig.now).toBe(RETURN_MS);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", endpoint: A });
    const mute = new Servers([A], { config: RETURNS });
    const other = await mute.up();
    mute.answers.clear();
    mute.rig.peer.answerClose = false;
    await mute.rig.untilEpoch(other, 2);
    expect(mute.rig.now).toBe(RETURN_MS + 250);
  });

  it("goes on when the new socket ends while the old one parts", async () => {
    const servers = new Servers([A], { config: RETURNS });
    const { rig } = servers;
    const connection = await servers.up();
    rig.peer.answerClose = false;
    const old = rig.peer;
    servers.answers.set(A, accept());
    await rig.world.runUntil(() => rig.leaf.current !== old);
    rig.peer.reset();
    servers.answers.set(A, DOWN);
    await rig.untilEpoch(connection, 3);
    expect(connection.lifecycle.snapshot).toMatchObject({ endpoint: B, phase: "resumed" });
    expect(rig.leaf.openSockets).toBe(1);
  });

  it("refuses sends while the old socket parts as those of the epoch that ends", async () => {
    const servers = new Servers([A], { config: RETURNS });
    const { rig } = servers;
    const connection = await servers.up();
    servers.answers.clear();
    const old = rig.peer;
    old.answerClose = false;
    await rig.world.runUntil(() => old.closeFrameReceived !== undefined);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
    const refused = { code: "EPOCH_ENDED", epoch: 1, connection: { name: "a.test" } };
    const own = await connection.sink.send("no options").catch(same);
    expect(own).toMatchObject(refused);
    expect((own as WsError).message).toContain("the first endpoint is back");
    const pinned = { epoch: 1, whileDown: "wait" } as const;
    expect(await connection.sink.send("pinned", pinned).catch(same)).toMatchObject(refused);
    const early = connection.sink.send("early", { epoch: 2 }).catch(same);
    expect(await early).toMatchObject({ code: "NOT_CONNECTED" });
    const waited = connection.sink.send("waits", { whileDown: "wait" });
    await rig.untilEpoch(connection, 2);
    await rig.world.complete(waited);
    await rig.world.complete(connection.sink.send("after"));
    expect(rig.peer.receivedTexts).toEqual(["waits", "after"]);
    expect(old.receivedTexts).toEqual([]);
  });

  it("tells sends that wait for the old socket what became of them", async () => {
    const servers = new Servers([A], { config: { ...RETURNS, liveness: false } });
    const { rig } = servers;
    const connection = await servers.up();
    servers.answers.clear();
    rig.peer.answerClose = false;
    rig.peer.stopReading();
    await rig.world.run(RETURN_MS - 1);
    const inFlight = connection.sink.send("in flight").catch((error: WsError) => error.code);
    await rig.untilEpoch(connection, 2);
    expect(await rig.world.complete(inFlight)).toBe("SEND_FATE_UNKNOWN");
    await rig.world.complete(connection.sink.send("to the new one"));
    expect(rig.peer.receivedTexts).toEqual(["to the new one"]);
  });
});
