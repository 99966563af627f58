import { isWsError } from "oath-ws";
import { describe, expect, it } from "vitest";
import {
  live,
  openClient,
  openSession,
  readUntil,
  recovering,
  startVenue,
  until,
} from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

function asked(sim: IbkrSim, path: string): number {
  return sim.stats().requests.filter((request) => request.path === path).length;
}

const INIT = "/iserver/auth/ssodh/init";

describe("a session that another one replaces, while its socket beats and brings nothing", () => {
  it("is left for the new one: all topics recover on a new socket", async () => {
    const sim = await startVenue();
    const session = openSession(sim, { tickleEveryMs: 100 });
    const client = openClient(sim, session);
    const topics = [client.subscribe("smd+265598"), client.subscribe("spl")] as const;
    await Promise.all(topics.map(({ state }) => until(state, live)));
    const seen = topics.map(({ state }) => until(state, recovering));
    sim.faults.rollSession();
    await Promise.all(seen);
    await Promise.all(topics.map(({ state }) => until(state, live)));
    expect(session.state.snapshot).toMatchObject({ phase: "ready", identities: 2 });
    expect(sim.stats()).toMatchObject({ accepted: 2 });
    expect(sim.stats().subscriptions.at(-1)?.topics.toSorted()).toEqual(["smd+265598", "spl"]);
  });
});

describe("a topic that is refused twice", () => {
  it.each(["sor", "spl", "smd+265598"] as const)(
    "is not live before it works: %s",
    async (topic) => {
      const sim = await startVenue();
      sim.faults.refuseTopic(topic, 2);
      const client = openClient(sim, openSession(sim), { refusedWithinMs: 1_000 });
      const held = client.subscribe(topic);
      await until(held.state, live);
      const outcomes = sim
        .stats()
        .commands.filter(({ text }) => text.startsWith(topic))
        .map(({ outcome }) => outcome);
      expect(outcomes).toEqual(["refused", "refused", "done"]);
      expect(held.state.snapshot.recoveries).toBe(0);
    },
  );
});

describe("a brokerage session lost on an open socket", () => {
  it.each([
    { how: "by the stream", silent: false, lostStatus: "partial" as const },
    { how: "by the stream, with every member", silent: false, lostStatus: "full" as const },
    { how: "by the next tickle", silent: true, lostStatus: "partial" as const },
  ])(
    "is noticed $how, repaired over REST, and everything subscribed again without a new socket",
    async ({ silent, lostStatus }) => {
      const sim = await startVenue({ wire: { lostStatus } });
      const session = openSession(sim, { tickleEveryMs: 100 });
      const client = openClient(sim, session);
      const quotes = client.subscribe("smd+265598");
      const trades = client.subscribe("str");
      const profit = client.subscribe("spl");
      await Promise.all([quotes, trades, profit].map(({ state }) => until(state, live)));
      await readUntil(profit, (_, all) => all.length === 2);
      const seen = [until(quotes.state, recovering), until(trades.state, recovering)];
      sim.faults.loseSession({ silent });
      expect((await Promise.all(seen))[0]?.cause).toMatchObject({
        code: "SESSION_LOST",
        kind: "auth",
      });
      await Promise.all([quotes, trades].map(({ state }) => until(state, live)));
      const after = await readUntil(quotes, ({ gaps }) => gaps === 1);
      expect(after.at(-1)?.data.bid).toBeDefined();
      expect(quotes.gaps).toMatchObject([{ reason: "reconnect" }]);
      // Needs no brokerage session (I-18): nothing happened to it.
      await readUntil(profit, (_, all) => all.length === 5);
      expect(profit.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
      expect(session.state.snapshot).toMatchObject({
        phase: "ready",
        sessions: 2,
        losses: 1,
        repairs: 1,
      });
      expect(asked(sim, INIT)).toBe(1);
      expect(sim.stats().accepted).toBe(1);
      expect(sim.stats().subscriptions[0]?.topics.toSorted()).toEqual(["smd+265598", "spl", "str"]);
    },
  );

  it("by the reset at midnight is survived in the same way", async () => {
    const sim = await startVenue();
    const session = openSession(sim);
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    const broke = until(quotes.state, recovering);
    sim.faults.midnightReset();
    await broke;
    await until(quotes.state, live);
    expect(sim.stats()).toMatchObject({ accepted: 1, brokerageSessions: 2 });
  });

  it("is asked for again when the first try fails, with pauses", async () => {
    const sim = await startVenue();
    const session = openSession(sim);
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    sim.faults.failRequests(500, 3, INIT);
    const broke = until(quotes.state, recovering);
    sim.faults.loseSession();
    await broke;
    await until(quotes.state, live);
    expect(session.state.snapshot).toMatchObject({ phase: "ready", repairs: 4 });
    expect(sim.stats().accepted).toBe(1);
  });

  it("that was never there is asked for at the start", async () => {
    const sim = await startVenue({ session: { authenticated: false } });
    const session = openSession(sim);
    const client = openClient(sim, session);
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, live);
    expect(quotes.state.snapshot).toMatchObject({ recoveries: 0, gaps: 0 });
    expect(asked(sim, INIT)).toBe(1);
  });
});

describe("a session that another platform has", () => {
  it("is surfaced and not fought for, until the user takes it back", async () => {
    const sim = await startVenue();
    const session = openSession(sim, { tickleEveryMs: 50 });
    const client = openClient(sim, session);
    const quotes = client.subscribe("smd+265598");
    const profit = client.subscribe("spl");
    await Promise.all([quotes, profit].map(({ state }) => until(state, live)));
    const broke = until(quotes.state, recovering);
    sim.faults.compete();
    await broke;
    expect(await until(session.state, ({ phase }) => phase === "competing")).toMatchObject({
      cause: { code: "SESSION_COMPETING" },
    });
    // Looked at ten times more, and never asked for.
    const before = asked(sim, "/tickle");
    await sim.waitFor(() => asked(sim, "/tickle") >= before + 10);
    expect([asked(sim, INIT), session.state.snapshot.phase, quotes.state.snapshot.phase]).toEqual([
      0,
      "competing",
      "recovering",
    ]);
    expect(profit.state.snapshot.phase).toBe("live");
    session.takeOver();
    await until(quotes.state, live);
    expect(sim.stats()).toMatchObject({ accepted: 1, brokerageSessions: 2 });
  });

  it("is noticed by a tickle when the stream says nothing", async () => {
    const sim = await startVenue();
    const session = openSession(sim, { tickleEveryMs: 50 });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    const broke = until(quotes.state, recovering);
    sim.faults.compete({ silent: true });
    expect((await broke).cause).toMatchObject({ code: "SESSION_COMPETING" });
    expect([asked(sim, INIT), session.state.snapshot.phase]).toEqual([0, "competing"]);
  });

  it("is left alone at the start, and there when the user says that the other one is gone", async () => {
    const sim = await startVenue();
    sim.faults.compete();
    const session = openSession(sim);
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(session.state, ({ phase }) => phase === "competing");
    sim.faults.rivalLeaves();
    expect(asked(sim, INIT)).toBe(0);
    session.takeOver();
    await until(quotes.state, live);
    expect(asked(sim, INIT)).toBe(1);
  });

  it("is taken once at the start, where that is the user's policy, and surfaced when it is taken from us", async () => {
    const sim = await startVenue();
    sim.faults.compete();
    const session = openSession(sim, { compete: true, tickleEveryMs: 20 });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    expect(asked(sim, INIT)).toBe(1);
    sim.faults.compete();
    await until(session.state, ({ phase }) => phase === "competing");
    const before = asked(sim, "/tickle");
    await sim.waitFor(() => asked(sim, "/tickle") >= before + 5);
    expect(asked(sim, INIT)).toBe(1);
  });
});

describe("a login that is over", () => {
  it("fails the topics, after a few tries, when it is found on connecting", async () => {
    const sim = await startVenue({ session: { loggedIn: false } });
    const session = openSession(sim);
    const client = openClient(sim, session);
    const quotes = client.subscribe("smd+265598");
    await expect(readUntil(quotes, () => false)).rejects.toMatchObject({
      code: "LOGIN_REQUIRED",
      kind: "auth",
      status: 401,
    });
    expect(session.state.snapshot).toMatchObject({
      phase: "login-required",
      cause: { code: "LOGIN_REQUIRED" },
    });
    expect(asked(sim, "/tickle")).toBe(4);
    expect(sim.stats().connects).toEqual([]);
    // A person logs in; the same client goes on.
    sim.session.login();
    const again = client.subscribe("smd+265598");
    await until(again.state, live);
    expect(session.state.snapshot.phase).toBe("ready");
  });

  it("fails the topics when it ends on an open socket, and a later one serves the same client", async () => {
    const sim = await startVenue();
    const session = openSession(sim);
    const client = openClient(sim, session);
    const held = [client.subscribe("smd+265598"), client.subscribe("spl")] as const;
    await Promise.all(held.map(({ state }) => until(state, live)));
    sim.faults.loginExpires();
    for (const { state } of held) await until(state, ({ phase }) => phase === "failed");
    expect(held[0].state.snapshot.cause).toMatchObject({ code: "LOGIN_REQUIRED" });
    await sim.waitFor(({ open }) => open === 0);
    sim.session.login();
    await until(client.subscribe("smd+265598").state, live);
  });

  it("is not believed at the first word: the gateway may have hiccups", async () => {
    const sim = await startVenue();
    const session = openSession(sim, { tickleEveryMs: 20 });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    sim.faults.failRequests(401, 1, "/tickle");
    await until(session.state, ({ phase }) => phase === "checking");
    await until(session.state, ({ phase }) => phase === "ready");
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
  });
});

describe("the penalty box", () => {
  it("stops every request for its time, without touching the stream", async () => {
    const sim = await startVenue();
    const session = openSession(sim, { tickleEveryMs: 20, penaltyMs: 400 });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    sim.faults.penaltyBox(300);
    const { penaltyUntil } = await until(session.state, ({ penalties }) => penalties === 1);
    expect(penaltyUntil).toBeGreaterThan(0);
    const before = sim.stats().requests.length;
    const refusal = await session
      .request({ method: "GET", path: "/iserver/accounts" })
      .catch((error: unknown) => error);
    expect(isWsError(refusal) && refusal.retryAfterMs).toBeGreaterThan(0);
    expect(refusal).toMatchObject({ code: "PENALTY_BOX", kind: "throttled" });
    // The next request comes when ours is over, and is served.
    await sim.waitFor(({ requests }) => requests.length > before);
    expect(sim.stats()).toMatchObject({ penalised: 1, accepted: 1 });
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(session.state.snapshot).toMatchObject({ phase: "ready", penalties: 1 });
  });

  it("holds a reconnect back, which needs a fresh session", async () => {
    const sim = await startVenue();
    const session = openSession(sim, { tickleEveryMs: 20, penaltyMs: 300 });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    sim.faults.penaltyBox(200);
    await until(session.state, ({ penalties }) => penalties === 1);
    const { penalised } = sim.stats();
    sim.faults.dropConnections();
    await until(quotes.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
    expect(sim.stats()).toMatchObject({ penalised, accepted: 2 });
    expect(session.state.snapshot.penalties).toBe(1);
  });
});

describe("showing whose the socket is", () => {
  it.each([
    { form: { kind: "cookie" } as const, login: "gateway-cookie" },
    { form: { kind: "first-frame" } as const, login: undefined },
    {
      form: { kind: "oauth1", accessToken: () => "sim-oauth-token" } as const,
      login: "oauth-token",
    },
    {
      form: { kind: "oauth2", bearer: () => Promise.resolve("sim-session-token") } as const,
      login: "session-token",
    },
  ])("by $form.kind, afresh on every connect", async ({ form, login }) => {
    const sim = await startVenue();
    const session = openSession(sim, { auth: form });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    sim.faults.dropConnections();
    await until(quotes.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
    expect(sim.stats().connects.map((connect) => connect.login)).toEqual([login, login]);
    expect(asked(sim, "/tickle")).toBeGreaterThanOrEqual(2);
  });

  it("with a session that is no good ends in a fresh one: the venue waits for ever", async () => {
    const sim = await startVenue();
    let tokens = 0;
    const session = openSession(sim, {
      auth: { kind: "oauth2", bearer: () => (++tokens === 1 ? "stale" : sim.session.sessionToken) },
    });
    // The id is offered as well, but this venue has forgotten it.
    session.firstFrame = () => JSON.stringify({ session: "forgotten" });
    const quotes = openClient(sim, session, { greetingTimeoutMs: 1_500 }).subscribe("smd+265598");
    await until(quotes.state, live);
    expect(sim.stats().connects.map(({ login }) => login)).toEqual([undefined, "session-token"]);
    expect(sim.stats().commands[0]).toMatchObject({ outcome: "bad-session" });
  });

  it("with a session that is no good ends in a fresh one: the venue closes", async () => {
    const sim = await startVenue({ wire: { badSession: "close" } });
    let tokens = 0;
    const session = openSession(sim, {
      auth: { kind: "oauth2", bearer: () => (++tokens < 4 ? "stale" : sim.session.sessionToken) },
    });
    const quotes = openClient(sim, session).subscribe("smd+265598");
    await until(quotes.state, live);
    expect(sim.stats().disconnects.badSession).toBe(3);
  });

  it("twice, once too often, is only a benign error", async () => {
    const sim = await startVenue({ wire: { sessionText: "error" } });
    const faults: unknown[] = [];
    const session = openSession(sim, { auth: { kind: "first-frame" } });
    const client = openClient(sim, session, { onFault: (error) => faults.push(error) });
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, live);
    // An error that comes right after the session was named is about that, whatever made it.
    client.subscribe("sts");
    expect(faults).toEqual([]);
  });
});
