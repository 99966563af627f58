import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { FakeRest } from "../support/fake-rest.js";

const HANDSHAKE = { url: "wss://localhost:5000/v1/api/ws", protocols: [], headers: {} };
const INIT = "/iserver/auth/ssodh/init";

async function ended(rest: FakeRest, keeper: { shutdown(): Promise<void> }): Promise<void> {
  await rest.world.complete(keeper.shutdown());
  await rest.world.settle();
  expect(rest.world.timer.pendingCount).toBe(0);
}

describe("keeping a session", () => {
  it("asks nothing before it is needed, then once a minute, and nothing after the shutdown", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    await rest.world.run(600_000);
    expect(rest.requests).toEqual([]);
    keeper.check();
    await rest.world.run(300_000);
    expect(rest.times("/tickle")).toEqual([600_000, 660_000, 720_000, 780_000, 840_000, 900_000]);
    expect(rest.requests[0]).toMatchObject({ method: "POST", body: {} });
    await ended(rest, keeper);
    keeper.check();
    keeper.takeOver();
    keeper.observe({ authenticated: false });
    await rest.world.run(600_000);
    expect(rest.requests).toHaveLength(6);
  });

  it("survives a day of midnight, losses and failures: a session at the end, and no request too many", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    keeper.check();
    // The answer to ssodh/init brings the session back.
    rest.answer = ({ path }) => {
      if (path === INIT) rest.status = { authenticated: true };
      return undefined;
    };
    for (let hour = 0; hour < 24; hour++) {
      await rest.world.run(3_600_000);
      rest.status = { authenticated: false };
      if (hour % 2 === 0) keeper.observe({ authenticated: false });
    }
    await rest.world.run(120_000);
    expect(keeper.state.snapshot).toMatchObject({
      phase: "ready",
      losses: 24,
      repairs: 24,
      sessions: 25,
    });
    expect(rest.times(INIT)).toHaveLength(24);
    // One a minute, and a few for each loss.
    expect(rest.requests.length).toBeLessThan(24 * 60 + 24 * 4);
    await ended(rest, keeper);
  });

  it("reads the status from the body, which is 200 in any case, and asks for a session once", async () => {
    const rest = new FakeRest();
    rest.status = { authenticated: false };
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.settle();
    expect(rest.requests.map(({ path, body }) => [path, body])).toEqual([
      ["/tickle", {}],
      [INIT, { publish: true, compete: false }],
    ]);
    expect(keeper.state.snapshot).toMatchObject({
      phase: "awaiting",
      cause: { code: "SESSION_LOST" },
    });
    await rest.world.run(20_000);
    expect(rest.times(INIT)).toHaveLength(1);
    rest.status = { authenticated: true };
    await rest.world.run(2_000);
    expect(keeper.state.snapshot).toMatchObject({ phase: "ready", sessions: 1, losses: 0 });
    await ended(rest, keeper);
  });

  it("asks again when the venue confirms nothing, ever more slowly", async () => {
    const rest = new FakeRest();
    rest.status = { authenticated: false };
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.run(3_600_000);
    const times = rest.times(INIT);
    expect(times.length).toBeGreaterThan(8);
    expect(times.length).toBeLessThan(25);
    const pauses = times.slice(1).map((at, index) => at - times[index]!);
    expect(Math.min(...pauses)).toBeGreaterThan(30_000);
    expect(pauses.at(-1)).toBeGreaterThan(170_000);
    await ended(rest, keeper);
  });

  it.each([
    { what: "the stream's word", later: { authenticated: true } },
    { what: "the next tickle", later: undefined },
  ])("believes $what that the session is there", async ({ later }) => {
    const rest = new FakeRest();
    rest.status = { authenticated: false };
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.settle();
    if (later === undefined) rest.status = { authenticated: true };
    else keeper.observe(later);
    await rest.world.run(2_500);
    expect(keeper.state.snapshot.phase).toBe("ready");
    await ended(rest, keeper);
  });

  it("asks for the session's id on every connect, whatever it is doing", async () => {
    const rest = new FakeRest();
    rest.status = { authenticated: false };
    const keeper = rest.keeper();
    for (const id of ["s1", "s2", "s3"]) {
      rest.sessionId = id;
      const { headers } = await rest.world.complete(keeper.authorize(HANDSHAKE));
      expect(headers["Cookie"]).toBe(`api={"session":"${id}"}`);
      await rest.world.run(500);
      expect(keeper.state.snapshot.phase).toBe("awaiting");
    }
    await ended(rest, keeper);
  });

  it("takes no answer that was under way before a loss for one about it", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.run(59_000);
    rest.answer = ({ path }) => (path === "/tickle" ? { afterMs: 2_000 } : undefined);
    await rest.world.run(2_000);
    // The tickle of a minute is under way, and will say that all is well.
    rest.answer = ({ path, at }) =>
      path === "/tickle" && at < 62_000 ? { afterMs: 5_000 } : undefined;
    keeper.observe({ authenticated: false });
    await rest.world.run(1_500);
    expect(keeper.state.snapshot.phase).toBe("checking");
    await rest.world.run(10_000);
    expect(keeper.state.snapshot).toMatchObject({ phase: "ready", sessions: 2 });
    await ended(rest, keeper);
  });
});

describe("another platform", () => {
  it.each([
    {
      what: "a tickle says it",
      status: { authenticated: false, competing: true },
      passed: undefined,
      inits: 0,
    },
    {
      what: "ssodh/init does not pass",
      status: { authenticated: false, competing: false },
      passed: false,
      inits: 1,
    },
  ])("is surfaced and not fought for an hour: $what", async ({ status, passed, inits }) => {
    const rest = new FakeRest();
    rest.status = status;
    rest.answer = ({ path }) =>
      path === INIT
        ? { body: { passed, authenticated: false, connected: true, competing: false } }
        : undefined;
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.run(3_600_000);
    expect(keeper.state.snapshot).toMatchObject({
      phase: "competing",
      cause: { code: "SESSION_COMPETING", kind: "auth" },
    });
    expect(rest.times(INIT)).toHaveLength(inits);
    // The login lives on.
    expect(rest.times("/tickle").length).toBeGreaterThanOrEqual(60);
    rest.answer = () => undefined;
    keeper.takeOver();
    await rest.world.settle();
    expect(rest.requests.at(-1)).toMatchObject({
      path: INIT,
      body: { publish: true, compete: true },
    });
    expect(keeper.state.snapshot.phase).toBe("awaiting");
    await ended(rest, keeper);
  });

  it("that gives the session back is noticed", async () => {
    const rest = new FakeRest();
    rest.status = { authenticated: false, competing: true };
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.run(90_000);
    rest.status = { authenticated: true, competing: false };
    await rest.world.run(60_000);
    expect(keeper.state.snapshot).toMatchObject({ phase: "ready", repairs: 0 });
    await ended(rest, keeper);
  });
});

describe("a login that is over", () => {
  it("is surfaced, and nothing is asked any more until a caller wants to know", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    keeper.check();
    await rest.world.run(30_000);
    rest.answer = () => ({ status: 401, body: { error: "not logged in" } });
    await rest.world.run(60_000);
    expect(keeper.state.snapshot).toMatchObject({
      phase: "login-required",
      losses: 1,
      cause: { code: "LOGIN_REQUIRED" },
    });
    const asked = rest.requests.length;
    await rest.world.run(3_600_000);
    expect(rest.requests).toHaveLength(asked);
    expect(rest.world.timer.pendingCount).toBe(0);
    rest.answer = () => undefined;
    keeper.check();
    await rest.world.settle();
    expect(keeper.state.snapshot).toMatchObject({ phase: "ready", sessions: 2 });
    await ended(rest, keeper);
  });
});

describe("the penalty box", () => {
  it.each([
    { header: undefined, ms: 900_000 },
    { header: "60", ms: 900_000 },
    { header: "1800", ms: 1_800_000 },
    { header: "0", ms: 900_000 },
    { header: "99999999999", ms: 86_400_000 },
    { header: "Thu, 01 Jan 2026 00:30:30 GMT", ms: 1_800_000 },
    { header: "Thu, 01 Jan 2099 00:00:00 GMT", ms: 86_400_000 },
    { header: "soon", ms: 900_000 },
  ])(
    "closes for the documented time, or for longer if the venue says so: Retry-After $header",
    async ({ header, ms }) => {
      const rest = new FakeRest();
      const keeper = rest.keeper();
      keeper.check();
      await rest.world.run(30_000);
      rest.answer = () => ({
        status: 429,
        headers: header === undefined ? {} : { "retry-after": header },
      });
      const waiting = keeper.request({ method: "GET", path: "/portfolio/accounts" });
      const queued = keeper.request({ method: "GET", path: "/portfolio/accounts" });
      for (const refused of await rest.world.complete(Promise.allSettled([waiting, queued]))) {
        expect(refused).toMatchObject({
          status: "rejected",
          reason: { code: "PENALTY_BOX", retryAfterMs: ms, status: 429 },
        });
      }
      expect(keeper.state.snapshot).toMatchObject({
        phase: "ready",
        penalties: 1,
        penaltyUntil: 30_000 + ms,
      });
      rest.answer = () => undefined;
      await rest.world.run(ms - 1);
      await expect(keeper.request({ method: "GET", path: "/x" })).rejects.toMatchObject({
        code: "PENALTY_BOX",
      });
      await expect(keeper.authorize(HANDSHAKE)).rejects.toMatchObject({
        code: "PENALTY_BOX",
        kind: "throttled",
      });
      expect(rest.requests).toHaveLength(2);
      await rest.world.run(60_000);
      expect(rest.times("/tickle").length).toBeGreaterThanOrEqual(2);
      expect(keeper.state.snapshot.phase).toBe("ready");
      await ended(rest, keeper);
    },
  );

  it("reads a date by the venue's clock, which its answer shows", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    const headers = {
      "retry-after": "Fri, 02 Jan 2026 01:00:00 GMT",
      date: "Fri, 02 Jan 2026 00:30:00 GMT",
    };
    rest.answer = () => ({ status: 429, headers });
    const asked = rest.world.complete(keeper.request({ method: "GET", path: "/x" }));
    await expect(asked).rejects.toMatchObject({ code: "PENALTY_BOX", retryAfterMs: 1_800_000 });
    await ended(rest, keeper);
  });

  it("closes also when the answer that says so could not be taken", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    rest.answer = () => {
      throw new WsError({ kind: "server", code: "REST_TOO_BIG", message: "no", status: 429 });
    };
    for (let request = 0; request < 2; request++) {
      const asked = rest.world.complete(keeper.request({ method: "GET", path: "/x" }));
      await expect(asked).rejects.toMatchObject({ code: "PENALTY_BOX", retryAfterMs: 900_000 });
    }
    expect(rest.requests).toHaveLength(1);
    await ended(rest, keeper);
  });
});

describe("requests", () => {
  it("that hang, fail, or are answered with nonsense are told by code, and settle", async () => {
    const rest = new FakeRest();
    const faults: unknown[] = [];
    const keeper = rest.keeper({ onFault: (error) => faults.push(error) });
    const ask = (): Promise<unknown> => keeper.request({ method: "GET", path: "/x" });
    rest.answer = () => ({ afterMs: 60_000 });
    await expect(rest.world.complete(ask())).rejects.toMatchObject({
      code: "REST_TIMEOUT",
      kind: "timeout",
    });
    rest.answer = () => ({ body: "<html>" });
    await expect(rest.world.complete(ask())).rejects.toMatchObject({
      code: "REST_INVALID",
      kind: "server",
    });
    rest.answer = () => ({ status: 503 });
    await expect(rest.world.complete(ask())).rejects.toMatchObject({
      code: "REST_REFUSED",
      kind: "server",
      status: 503,
    });
    rest.answer = () => ({ status: 404 });
    await expect(rest.world.complete(ask())).rejects.toMatchObject({
      code: "REST_REFUSED",
      kind: "client",
    });
    rest.answer = () => {
      throw new TypeError("fetch failed");
    };
    await expect(rest.world.complete(ask())).rejects.toMatchObject({
      code: "REST_FAILED",
      kind: "connection",
    });
    // Those were not the keeper's.
    expect(faults).toEqual([]);
    rest.answer = () => ({ body: { nothing: true } });
    await expect(rest.world.complete(keeper.authorize(HANDSHAKE))).rejects.toMatchObject({
      code: "REST_INVALID",
    });
    expect(faults).toMatchObject([{ code: "REST_INVALID" }]);
    expect(keeper.state.snapshot.phase).toBe("checking");
    // The answer that came too late.
    await rest.world.run(60_000);
    await ended(rest, keeper);
  });

  it("that are cancelled, or under way at the shutdown, settle at once", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    rest.answer = () => ({ afterMs: 5_000 });
    const controller = new AbortController();
    const cancelled = keeper.request({ method: "GET", path: "/x", signal: controller.signal });
    const waiting = [1, 2].map(() =>
      keeper.request({ method: "GET", path: "/portfolio/accounts" }),
    );
    await rest.world.settle();
    controller.abort(new Error("enough"));
    await expect(cancelled).rejects.toThrow("enough");
    await keeper.shutdown();
    for (const request of waiting)
      await expect(request).rejects.toMatchObject({ code: "SHUT_DOWN" });
    expect(rest.times("/portfolio/accounts")).toHaveLength(1);
  });

  it("are not sent when the keeper is shut down in the same breath", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    const request = keeper.request({ method: "GET", path: "/x" });
    await keeper.shutdown();
    await expect(request).rejects.toMatchObject({ code: "SHUT_DOWN" });
    expect(rest.requests).toEqual([]);
  });

  it("bear the gateway's cookies and the signer's headers", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper({
      sign: ({ method, url }) => ({ Authorization: `${method} ${new URL(url).pathname}` }),
    });
    rest.answer = () => ({
      cookies: ["x-sess-uuid=0.a; HttpOnly; Path=/v1/api", "other=1", "other=; Max-Age=0"],
    });
    await rest.world.complete(keeper.request({ method: "GET", path: "/x" }));
    rest.answer = () => ({ cookies: ["x-sess-uuid=0.b"] });
    await rest.world.complete(keeper.request({ method: "POST", path: "/y", body: { z: 1 } }));
    await rest.world.complete(keeper.request({ method: "GET", path: "/x" }));
    expect(rest.requests.map(({ headers }) => headers["Cookie"])).toEqual([
      undefined,
      "x-sess-uuid=0.a",
      "x-sess-uuid=0.b",
    ]);
    expect(rest.requests[1]).toMatchObject({
      body: { z: 1 },
      headers: { Authorization: "POST /v1/api/y", "Content-Type": "application/json" },
    });
    const { headers } = await rest.world.complete(keeper.authorize(HANDSHAKE));
    expect(headers["Cookie"]).toBe('x-sess-uuid=0.b; api={"session":"s1"}');
    const failing = rest.keeper({ sign: () => Promise.reject(new Error("vault")) });
    await expect(
      rest.world.complete(failing.request({ method: "GET", path: "/x" })),
    ).rejects.toMatchObject({
      code: "SIGN_FAULT",
      kind: "auth",
    });
    await ended(rest, keeper);
  });
});

describe("the state channel", () => {
  it("tells listeners once for what happens together, never within the call, and not after they left", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    const seen: string[] = [];
    const leave = keeper.state.subscribe(() => seen.push(keeper.state.snapshot.phase));
    const changed = keeper.state.changed();
    keeper.check();
    expect(seen).toEqual([]);
    await rest.world.settle();
    expect(await changed).toBe(true);
    expect(seen).toEqual(["checking", "ready"]);
    keeper.observe({ competing: true });
    keeper.takeOver();
    await Promise.resolve();
    expect(seen).toEqual(["checking", "ready", "repairing"]);
    leave();
    await keeper.shutdown();
    expect(seen).toHaveLength(3);
    expect(Object.isFrozen(keeper.state.snapshot)).toBe(true);
  });
});
