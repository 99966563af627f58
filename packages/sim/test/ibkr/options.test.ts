import { createConnection } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { SimOptionError, startIbkrSim } from "../../src/index.js";
import { follow, greeted, rest, sim, tell } from "./with-sim.js";

describe("options", () => {
  it.each([
    ["port", { port: 65_536 }],
    ["host", { host: "" }],
    ["seed", { seed: 1.5 }],
    ["timeScale", { timeScale: 0 }],
    ["colour", { colour: "red" }],
    ["tls", { tls: "yes" }],
    ["tls.cert", { tls: { key: "k" } }],
    ["tls", { tls: { key: "k", cert: "c" } }],
    ["market.stepMs", { market: { stepMs: 0 } }],
    ["market.instruments", { market: { instruments: {} } }],
    [
      "market.instruments[0].conid",
      { market: { instruments: [{ conid: "1", symbol: "A", price: 1 }] } },
    ],
    [
      "market.instruments[0].price",
      { market: { instruments: [{ conid: 1, symbol: "A", price: 0 }] } },
    ],
    [
      "market.instruments",
      { market: { instruments: [1, 2].map(() => ({ conid: 1, symbol: "A", price: 1 })) } },
    ],
    ["session.idleMs", { session: { idleMs: 0 } }],
    ["session.idleEnds", { session: { idleEnds: "all" } }],
    ["session.loggedIn", { session: { loggedIn: "yes" } }],
    ["pacing.requests", { pacing: { requests: 0 } }],
    ["pacing.penaltyMs", { pacing: { penaltyMs: Number.NaN } }],
    ["pacing.paths", { pacing: { paths: 1 } }],
    ["pacing.paths.tickle", { pacing: { paths: { tickle: { requests: 1, windowMs: 1 } } } }],
    ["pacing.paths./tickle.requests", { pacing: { paths: { "/tickle": { windowMs: 1 } } } }],
    ["limits.lines", { limits: { lines: 0 } }],
    ["limits.overLimit", { limits: { overLimit: "close" } }],
    ["limits.line", { limits: { line: 5 } }],
    ["wire.opcode", { wire: { opcode: "ping" } }],
    ["wire.ticReplies", { wire: { ticReplies: -1 } }],
    ["wire.heartbeatMs", { wire: { heartbeatMs: 0 } }],
    ["account.id", { account: { id: "" } }],
    ["record.frames", { record: { frames: -1 } }],
    ["script", { script: {} }],
    ["script[0].when.kind", { script: [{ when: {}, fault: { kind: "reset" } }] }],
    [
      "script[0].fault.kind",
      { script: [{ when: { kind: "time", afterMs: 1 }, fault: { kind: "ban" } }] },
    ],
    [
      "script[0].target.endpoint",
      {
        script: [
          {
            when: { kind: "time", afterMs: 1 },
            fault: { kind: "cut" },
            target: { endpoint: "all" },
          },
        ],
      },
    ],
  ])("%s: a value that cannot work is one error that names it", async (option, options) => {
    const failure: unknown = await startIbkrSim(options as object).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SimOptionError);
    expect((failure as SimOptionError).option).toBe(option);
    expect((failure as SimOptionError).message).toContain(option);
  });

  it("an address that is taken is Node's error, and leaves nothing behind", async () => {
    const { port } = await sim();
    await expect(startIbkrSim({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("close", () => {
  it("ends sockets, requests, timers and waiting, and may be called again", async () => {
    const venue = await sim({
      market: { auto: true, stepMs: 1 },
      wire: { heartbeatMs: 5, pnlMs: 5 },
      session: { initMs: 100_000 },
    });
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    await tell(venue, client, "spl+{}", "ssd+U00000000", "smh+1+{}");
    const pending = rest(venue, "POST /iserver/auth/ssodh/init", { compete: true });
    const waiting = venue.waitFor(() => false);
    venue.faults.halfOpen();
    const idle = createConnection(venue.port, "127.0.0.1");
    await new Promise<void>((resolve) => void idle.once("connect", () => resolve()));
    idle.on("error", () => {});
    const gone = new Promise<void>((resolve) => void idle.once("close", () => resolve()));
    await Promise.all([
      venue.close(),
      expect(waiting).rejects.toThrowError(/closed/),
      expect(pending).rejects.toThrowError(),
      client.ended,
      gone,
    ]);
    await venue.close();
    await expect(venue.waitFor(() => false)).rejects.toThrowError(/closed/);
    const { framesSent, open } = venue.stats();
    expect(open).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(venue.stats().framesSent).toBe(framesSent);
  });

  it("keeps no process alive: no timer is left", async () => {
    const timers = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "setInterval")];
    const venue = await startIbkrSim();
    await venue.close();
    const left = timers.flatMap(({ mock }) =>
      mock.results.map(({ value }) => value as { readonly _destroyed: boolean }),
    );
    for (const timer of timers) timer.mockRestore();
    // The heartbeat, the two of the session, and the market.
    expect(left.map(({ _destroyed }) => _destroyed)).toEqual([true, true, true, true]);
  });
});
