import type { LifecycleSnapshot } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { accept, acceptThenClose, createWorld, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { watch } from "./support/outcome.js";
import { HANDSHAKE, Rig } from "./support/rig.js";

/** All errors that can be reached from a value, through fields and causes. */
function errorsIn(value: unknown, seen = new Set<unknown>()): WsError[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  const inner = Reflect.ownKeys(value).flatMap((key) => errorsIn(Reflect.get(value, key), seen));
  return isWsError(value) ? [value, ...inner] : inner;
}

/** All kinds of events of an eventful life. */
const KINDS = [
  "attempt",
  "failure",
  "fault",
  "lag",
  "opened",
  "probe",
  "stall",
  "starved",
] as const;

/** Two connections of one connector, both with an eventful life. */
async function eventfulRun(): Promise<{
  readonly rig: Rig;
  readonly snapshots: readonly (readonly [name: string, LifecycleSnapshot])[];
  readonly rejected: readonly (readonly [name: string, unknown])[];
  readonly ids: ReadonlyMap<string, string>;
}> {
  const shared = new WsError({ kind: "auth", code: "AUTH_FAILED", message: "no token" });
  const rig = new Rig({
    config: {
      attempts: { max: 1_000 },
      buffer: { maxFrames: 2 },
      send: { rateLimit: { max: 2, windowMs: 1_000 }, maxPending: 3 },
      liveness: { writeStallMs: 6_000 },
    },
    otherwise: accept(),
    auth: {
      // The very same error for both, as a token service's library may give it.
      authorize: (handshake, { attempt }) =>
        attempt === 2 ? Promise.reject(shared) : Promise.resolve(handshake),
    },
    classify: {
      classify: () => {
        throw new Error("a broken policy");
      },
    },
  });
  const snapshots: [string, LifecycleSnapshot][] = [];
  const rejected: [string, unknown][] = [];
  const ids = new Map<string, string>();
  for (const name of ["first", "second"]) {
    const connection = await rig.up(HANDSHAKE, { name });
    ids.set(connection.name, connection.id);
    const note = (outcome: { readonly reason: unknown }): void =>
      void rejected.push([name, outcome.reason]);
    snapshots.push([name, connection.lifecycle.snapshot]);
    connection.lifecycle.subscribe(() => {
      snapshots.push([name, connection.lifecycle.snapshot]);
      throw new Error("a broken listener");
    });
    const { peer } = rig;
    for (let i = 0; i < 5; i++) peer.text(String(i));
    for (let i = 0; i < 5; i++) peer.ping(String(i));
    await rig.world.run(1_000);
    await rig.world.stall(30_000);
    peer.stopReading();
    const sends: { readonly state: string; readonly reason: unknown }[] = Array.from(
      { length: 6 },
      () => watch(connection.sink.send("x")),
    );
    sends.push(watch(connection.sink.send("x", { epoch: 9 })));
    sends.push(watch(connection.sink.send("x", { deadlineMs: -1 })));
    sends.push(watch(connection.sink.send("x".repeat(2 ** 25))));
    sends.push(watch(connection.sink.send("x", { deadlineMs: 10 })));
    await rig.untilEpoch(connection, 2);
    rig.peer.goSilent();
    await rig.untilEpoch(connection, 3);
    connection.trigger.forceReconnect("asked");
    await rig.untilEpoch(connection, 4);
    while (connection.source.take() !== undefined);
    const reading = watch(connection.source.readable());
    sends.push(watch(connection.source.readable()));
    sends.push(watch(connection.control.shutdown({ timeoutMs: -1 })));
    await rig.world.complete(connection.control.shutdown());
    sends.push(watch(connection.sink.send("x")));
    await rig.world.settle();
    expect(reading.state).toBe("resolved");
    for (const send of sends) if (send.state === "rejected") note(send);
    snapshots.push([name, connection.lifecycle.snapshot]);
  }
  return { rig, snapshots, rejected, ids };
}

describe("the identity of a connection", () => {
  it("is in every trace event, snapshot and error, and always that of the right one", async () => {
    const { rig, snapshots, rejected, ids } = await eventfulRun();
    const kinds = new Set(rig.trace.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining([...KINDS, "transition", "writeStall"]));
    expect(ids.size).toBe(2);

    // One lived after the other, so the order of the events says whose they are.
    const [first = "", second = ""] = ids.values();
    const turn = rig.trace.findIndex(({ connection }) => connection.id === second);
    rig.trace.forEach((event, i) => {
      const whose = i < turn ? { id: first, name: "first" } : { id: second, name: "second" };
      expect(Object.keys(event)).toContain("connection");
      expect(event.connection).toEqual(whose);
      if (event.kind === "transition")
        expect([event.from.connection, event.to.connection]).toEqual([whose, whose]);
      if (event.kind === "failure") expect(event.error.connection).toEqual(whose);
    });
    expect(snapshots.length).toBeGreaterThan(20);
    for (const [name, snapshot] of snapshots) {
      expect(Object.keys(snapshot)).toContain("connection");
      expect(snapshot.connection).toEqual({ id: ids.get(name), name });
      if (snapshot.cause !== undefined)
        expect(snapshot.cause.connection).toEqual({ id: ids.get(name), name });
    }
    const codes = rejected.map(([, error]) => (error as WsError).code);
    expect(new Set(codes)).toEqual(
      new Set([
        "CONFIG_INVALID",
        "EPOCH_ENDED",
        "FRAME_INVALID",
        "FRAME_TOO_BIG",
        "READER_BUSY",
        "SEND_FATE_UNKNOWN",
        "SEND_QUEUE_FULL",
        "SHUT_DOWN",
      ]),
    );
    for (const [name, error] of rejected) {
      expect(Object.keys(error as object)).toContain("connection");
      expect((error as WsError).connection).toEqual({ id: ids.get(name), name });
    }
    // And whatever else can be reached from there.
    const found = errorsIn([
      rig.trace.slice(0, turn),
      rejected.filter(([name]) => name === "first"),
    ]);
    for (const error of found) expect(error.connection).toEqual({ id: first, name: "first" });
  });

  it("is the same through all epochs, and the same seed gives the same ids", async () => {
    const rig = new Rig({ config: { attempts: { max: 100 } } });
    const connection = await rig.up();
    const { connection: identity } = connection.lifecycle.snapshot;
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot.connection).toBe(identity);
    expect(identity).toEqual({ id: connection.id, name: connection.name });
    expect(connection.id).toMatch(/^[0-9a-f]{32}$/);
    expect((await new Rig().up()).id).toBe(connection.id);
    expect((await new Rig({ seed: 2 }).up()).id).not.toBe(connection.id);
  });

  it("does not change the jitter of a seed", () => {
    const [a, b] = [createWorld(), createWorld()];
    a.newId();
    expect(a.random.next()).toBe(b.random.next());
  });

  it("is a copy's where an error cannot be written to, with the error as its cause", async () => {
    const frozen = Object.freeze(
      new WsError({
        kind: "proxy",
        code: "PROXY_BUSY",
        message: "no",
        status: 503,
        retryAfterMs: 9,
      }),
    );
    const rig = new Rig({ script: [refuse(frozen)] });
    const connection = await rig.up();
    const [failure] = rig.traced("failure");
    expect(failure?.error).toMatchObject({
      kind: "proxy",
      code: "PROXY_BUSY",
      status: 503,
      retryAfterMs: 9,
      connection: { id: connection.id },
      cause: frozen,
    });
  });

  it("is in what a connection that gave up, and one that is shut down, rejects with", async () => {
    const rig = new Rig({
      script: [acceptThenClose(1008, "no")],
      config: { attempts: { maxAttempts: 1 } },
    });
    const outcome = watch(rig.connector.connect(HANDSHAKE));
    await rig.world.run(60_000);
    const failed = outcome.state === "resolved" ? undefined : outcome.reason;
    for (const error of errorsIn(failed)) expect(error.connection?.name).toBe("venue.example");
    expect(rig.trace.every(({ connection }) => connection.name === "venue.example")).toBe(true);
  });
});

describe("the name of a connection", () => {
  it("is host and port, numbered among those that live", async () => {
    const rig = new Rig({ config: { attempts: { max: 100 } }, otherwise: accept() });
    const at = { ...HANDSHAKE, url: "wss://venue.example:9443/a/secret-listen-key" };
    const [a, b, c] = [await rig.up(at), await rig.up(at), await rig.up()];
    const names = (): string[] => [a, b, c].map(({ name }) => name);
    expect(names()).toEqual(["venue.example:9443", "venue.example:9443#2", "venue.example"]);
    await rig.world.complete(b.control.shutdown());
    expect((await rig.up(at)).name).toBe("venue.example:9443#2");
    expect((await rig.up(at)).name).toBe("venue.example:9443#3");
  });

  it("is what the caller gives, numbered as well, and never one that is taken", async () => {
    const rig = new Rig({ config: { attempts: { max: 100 } }, otherwise: accept() });
    const given = ["feed", "feed#2", "feed", "orders"];
    const names: string[] = [];
    for (const name of given) names.push((await rig.up(HANDSHAKE, { name })).name);
    expect(names).toEqual(["feed", "feed#2", "feed#3", "orders"]);
  });

  it.each([
    ["", "1 to 128"],
    ["x".repeat(129), "1 to 128"],
    ["a\nb", "control"],
    [7, "string"],
  ])("%j is refused before anything is dialled", async (name, why) => {
    const rig = new Rig();
    const outcome = watch(rig.connector.connect(HANDSHAKE, { name: name as string }));
    await rig.world.settle();
    expect(outcome.reason).toMatchObject({ issues: [{ path: "name" }] });
    expect((outcome.reason as Error).message).toContain(why);
    expect(rig.leaf.dials).toEqual([]);
  });
});
