import type { ReconnectingConnection as Connection } from "@oath-ws/contract";
import type { PartialConfig } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { codeOf, watch } from "./support/outcome.js";
import { Rig } from "./support/rig.js";

const FIVE = { send: { rateLimit: { max: 5, windowMs: 1_000 } } } satisfies PartialConfig;

/** The largest number of times within any span of this length. */
function busiest(times: readonly number[], spanMs: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + spanMs).length),
  );
}

describe("a peer that pings more often than the send limit allows to answer", () => {
  const pinged = async (everyMs: number, config: PartialConfig = FIVE) => {
    const rig = new Rig({ config });
    const connection = await rig.up();
    const { peer } = rig;
    let count = 0;
    const ping = (): void => {
      if (!peer.ping(`${++count}`)) return;
      rig.world.timer.schedule(everyMs, ping);
    };
    ping();
    return { rig, connection };
  };

  it.each([190, 20])("does not starve sends: pings every %i ms", async (everyMs) => {
    const { rig, connection } = await pinged(everyMs);
    await rig.world.run(3_000);
    const sends = Array.from({ length: 10 }, (_, i) => watch(connection.sink.send(`${i}`)));
    await rig.world.run(11_000);
    expect(sends.map(codeOf)).toEqual(sends.map(() => "resolved"));
  });

  it("is answered to its newest ping, at most max - 1 times in a window", async () => {
    const { rig } = await pinged(20);
    await rig.world.run(5_000);
    const pongs = rig.peer.received.filter(({ kind }) => kind === "pong");
    expect(
      busiest(
        pongs.map(({ at }) => at),
        1_100,
      ),
    ).toBe(4);
    // Once a window: 1 to 4 at once, and then the newest of those that waited.
    expect(pongs.length).toBeGreaterThanOrEqual(16);
    for (const { at, data } of pongs.slice(4)) {
      const newest = Math.floor(at / 20) + 1;
      expect(newest - Number(new TextDecoder().decode(data))).toBeLessThanOrEqual(1);
    }
  });

  it("is told once a window, with what is left for sends", async () => {
    const { rig } = await pinged(20);
    await rig.world.run(5_000);
    const told = rig.traced("starved");
    expect(told[0]).toMatchObject({ sendSlots: 1, windowMs: 1_100 });
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(
      busiest(
        told.map(({ at }) => at),
        1_100,
      ),
    ).toBe(1);
  });

  it("shares a limit of one in turns", async () => {
    const { rig, connection } = await pinged(100, {
      send: { rateLimit: { max: 1, windowMs: 500 } },
    });
    const sends = Array.from({ length: 3 }, (_, i) => watch(connection.sink.send(`${i}`)));
    await rig.world.run(4_000);
    expect(sends.map(codeOf)).toEqual(["resolved", "resolved", "resolved"]);
    expect(rig.peer.received.filter(({ kind }) => kind === "pong").length).toBeGreaterThan(2);
  });

  it("leaves no answer behind for the next connection", async () => {
    const { rig, connection } = await pinged(20);
    await rig.world.run(500);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.run(3_000);
    expect(rig.peer.received.filter(({ kind }) => kind === "pong")).toEqual([]);
  });
});

describe("slackMs", () => {
  const leftAt = async (config: PartialConfig, sends: number): Promise<readonly number[]> => {
    const rig = new Rig({ config });
    const connection = await rig.up();
    for (let i = 0; i < sends; i++) void watch(connection.sink.send(`${i}`));
    await rig.world.run(60_000);
    return rig.peer.received.filter(({ kind }) => kind === "text").map(({ at }) => at);
  };

  it("widens the window by 100 ms while no round trip is known", async () => {
    expect(await leftAt(FIVE, 6)).toEqual([0, 0, 0, 0, 0, 1_100]);
  });

  it("is at most the window", async () => {
    const rateLimit = { max: 1, windowMs: 10 };
    expect(await leftAt({ send: { rateLimit } }, 2)).toEqual([0, 20]);
  });

  it("is what the settings say, if they do", async () => {
    const rateLimit = { max: 1, windowMs: 1_000, slackMs: 30 };
    expect(await leftAt({ send: { rateLimit } }, 2)).toEqual([0, 1_030]);
  });
});

describe("liveness.roundTripEveryMs", () => {
  const busy = async (config: PartialConfig, reactAfterMs: number) => {
    const rig = new Rig({ config, mock: { reactAfterMs } });
    const connection = await rig.up();
    const { peer } = rig;
    const tick = (): void => {
      if (!peer.text("tick")) return;
      rig.world.timer.schedule(100, tick);
    };
    tick();
    const pings = (): readonly number[] =>
      rig.peer.received.filter(({ kind }) => kind === "ping").map(({ at }) => at);
    return { rig, connection, pings };
  };

  it("is off by default: a busy feed gets no pings", async () => {
    const { rig, pings } = await busy({}, 40);
    await rig.world.run(60_000);
    expect(pings()).toEqual([]);
  });

  it("pings a busy feed, each ping with a payload of its own", async () => {
    const { rig, pings } = await busy({ liveness: { roundTripEveryMs: 1_000 } }, 40);
    await rig.world.run(10_500);
    expect(pings()).toHaveLength(10);
    const payloads = rig.peer.received.map(({ data }) => data.join());
    expect(new Set(payloads).size).toBe(payloads.length);
  });

  it("is charged to the send limit, and skipped when fewer than two slots are free", async () => {
    const config = {
      liveness: { roundTripEveryMs: 1_000 },
      send: { rateLimit: { max: 3, windowMs: 4_000, slackMs: 0 } },
    };
    const { rig, connection, pings } = await busy(config, 40);
    await rig.world.run(500);
    for (let i = 0; i < 2; i++) void watch(connection.sink.send(`${i}`));
    await rig.world.run(3_999);
    expect(pings()).toEqual([]);
    await rig.world.run(600);
    expect(pings()).toEqual([5_000]);
    const sends = ["a", "b", "c"].map((text) => watch(connection.sink.send(text)));
    await rig.world.settle();
    expect(sends.map(codeOf)).toEqual(["resolved", "resolved", "pending"]);
  });
});

describe("a socket that takes nothing for a while", () => {
  const EXACT = { send: { rateLimit: { max: 5, windowMs: 1_000, slackMs: 0 } } };

  /** Sends before, during and after a stall of five seconds, and gives what arrived when. */
  const stalled = async (during: (rig: Rig, connection: Connection) => void) => {
    const rig = new Rig({ config: EXACT });
    const connection = await rig.up();
    const { peer } = rig;
    const sends = [];
    for (let i = 0; i < 7; i++) sends.push(watch(connection.sink.send(`before ${i}`)));
    await rig.world.run(1_500);
    peer.stopReading();
    for (let i = 0; i < 20; i++) {
      peer.text("tick");
      sends.push(watch(connection.sink.send(`during ${i}`)));
      during(rig, connection);
      await rig.world.run(250);
    }
    peer.resumeReading();
    sends.push(watch(connection.sink.send("after")));
    await rig.world.run(10_000);
    expect(sends.map(codeOf)).toEqual(sends.map(() => "resolved"));
    return peer.received;
  };

  const timesOf = (frames: readonly { readonly at: number }[]) => frames.map(({ at }) => at);

  it("is not sent more than fits into one window, however many sends are made", async () => {
    const received = await stalled(() => undefined);
    expect(received.filter(({ kind }) => kind === "text").length).toBe(28);
    expect(busiest(timesOf(received), 1_000)).toBe(5);
  });

  it("holds pongs that count when they leave, and not when the socket is given them", async () => {
    const received = await stalled(({ peer }) => void peer.ping("?"));
    expect(received.filter(({ kind }) => kind === "pong").length).toBeGreaterThan(1);
    for (const [index, { at, kind }] of received.entries()) {
      const before = received[index - 5]?.at ?? Number.NEGATIVE_INFINITY;
      if (kind === "text") expect(at - before).toBeGreaterThanOrEqual(1_000);
    }
  });

  it("leaves sends behind it in our hands: they end exactly, and did not leave", async () => {
    const rig = new Rig({ config: EXACT });
    const { sink } = await rig.up();
    const { peer } = rig;
    peer.stopReading();
    const first = watch(sink.send("first", { deadlineMs: 600 }));
    await rig.world.run(100);
    const late = watch(sink.send("late", { deadlineMs: 500 }));
    const cancel = new AbortController();
    const withdrawn = watch(sink.send("withdrawn", { signal: cancel.signal }));
    const patient = watch(sink.send("patient"));
    await rig.world.run(1_000);
    cancel.abort("withdrawn by the caller");
    await rig.world.settle();
    expect([first, late].map(codeOf)).toEqual(["SEND_FATE_UNKNOWN", "SEND_DEADLINE"]);
    expect(withdrawn).toMatchObject({ state: "rejected", reason: "withdrawn by the caller" });
    peer.resumeReading();
    await rig.world.run(100);
    expect(codeOf(patient)).toBe("resolved");
    expect(texts(peer)).toEqual(["first", "patient"]);
  });

  it("keeps no slot beyond its connection", async () => {
    const rig = new Rig({ config: { ...EXACT, liveness: { writeStallMs: 2_000 } } });
    const connection = await rig.up();
    rig.peer.stopReading();
    rig.peer.ping("?");
    const lost = Array.from({ length: 9 }, () => watch(connection.sink.send("lost")));
    await rig.untilEpoch(connection, 2);
    expect(lost.map(codeOf).slice(0, 4)).toEqual(Array(4).fill("SEND_FATE_UNKNOWN"));
    expect(lost.map(codeOf).slice(4)).toEqual(Array(5).fill("EPOCH_ENDED"));
    for (let round = 0; round < 3; round++) {
      const sends = Array.from({ length: 5 }, () => watch(connection.sink.send("again")));
      await rig.world.run(1_001);
      expect(sends.map(codeOf)).toEqual(sends.map(() => "resolved"));
    }
  });
});

function texts(peer: Rig["peer"]): string[] {
  return peer.received
    .filter(({ kind }) => kind === "text")
    .map(({ data }) => new TextDecoder().decode(data));
}
