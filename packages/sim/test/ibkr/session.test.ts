import { createConnection } from "node:net";
import { describe, expect, it } from "vitest";
import {
  connect,
  echo,
  follow,
  frames,
  greeted,
  init,
  rest,
  sim,
  statuses,
  tell,
} from "./with-sim.js";

describe("a lost brokerage session", () => {
  it("is said on open sockets; brokerage topics end, others go on, and so do heartbeats", async () => {
    const venue = await sim({ wire: { heartbeatMs: 20, pnlMs: 20 } });
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    await tell(venue, client, "sor+{}", "str+{}", "spl+{}", "ssd+U00000000", "sld+U00000000");
    venue.faults.loseSession();
    await client.until(() => statuses(client).length === 2);
    expect(frames(client, "sts")[1]).toEqual({ topic: "sts", args: { authenticated: false } });
    const [data, beats, profits] = ["smd+265598", "system", "spl"].map(
      (topic) => frames(client, topic).length,
    );
    venue.market.step();
    await client.until(
      () =>
        frames(client, "system").length > (beats ?? 0) + 1 &&
        frames(client, "spl").length > (profits ?? 0),
    );
    expect(frames(client, "smd+265598")).toHaveLength(data ?? 0);
    expect(venue.stats()).toMatchObject({
      session: "portal",
      open: 1,
      subscriptions: [{ authenticated: true, topics: ["spl", "ssd+U00000000", "sld+U00000000"] }],
    });
  });

  it("can be said in full", async () => {
    const venue = await sim({ wire: { lostStatus: "full" } });
    const client = await greeted(venue);
    venue.faults.loseSession();
    await client.until(() => statuses(client).length === 2);
    expect(frames(client, "sts")[1]?.args).toMatchObject({
      connected: true,
      authenticated: false,
      competing: false,
      fail: "",
    });
  });

  it("can go unsaid: only REST tells", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.faults.loseSession({ silent: true });
    await echo(client);
    expect(statuses(client)).toEqual([true]);
    expect((await rest(venue, "GET /iserver/auth/status")).body).toMatchObject({
      authenticated: false,
    });
  });

  it("comes back by ssodh/init, which subscribes nothing again", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    await tell(venue, client, "sor+{}");
    venue.faults.loseSession();
    await tell(venue, client, "smd+265598+{}");
    expect(venue.stats().commands.at(-1)?.outcome).toBe("no-brokerage");
    expect((await init(venue, false)).body).toEqual({
      passed: true,
      authenticated: true,
      connected: true,
      competing: false,
    });
    await client.until(() => statuses(client).length === 3);
    expect(statuses(client)).toEqual([true, false, true]);
    const seen = frames(client, "smd+265598").length;
    venue.market.step(3);
    venue.account.placeOrder({ conid: 8_314, side: "SELL", quantity: 1, price: 200 });
    await echo(client);
    expect(frames(client, "smd+265598")).toHaveLength(seen);
    expect(frames(client, "sor")).toEqual([]);
    expect(venue.stats()).toMatchObject({ brokerageSessions: 2, subscriptions: [{ topics: [] }] });
    await follow(client, 265_598, "31");
  });
});

describe("the time of a session", () => {
  it("runs out without REST requests, whatever goes on on the WebSocket", async () => {
    const venue = await sim({ session: { idleMs: 300 } });
    const client = await greeted(venue);
    const chat = setInterval(() => client.socket.send("tic"), 20);
    await client.until(() => statuses(client).length === 2);
    clearInterval(chat);
    expect(statuses(client)).toEqual([true, false]);
    expect(venue.stats().tics).toBeGreaterThan(2);
    expect((await rest(venue, "POST /tickle")).body).toMatchObject({
      iserver: { authStatus: { authenticated: false } },
    });
  });

  it("starts again with every REST request", async () => {
    const idleMs = 500;
    const venue = await sim({ session: { idleMs }, pacing: { requests: 1_000_000 } });
    const client = await greeted(venue);
    const times = (): readonly number[] => venue.stats().requests.map(({ at }) => at);
    while ((times().at(-1) ?? 0) < 3 * idleMs) await rest(venue, "GET /iserver/accounts");
    const gaps = times().map((at, index) => at - (times()[index - 1] ?? 0));
    // A machine that was busy for so long in between has let the session die by right.
    if (Math.max(...gaps) < 0.8 * idleMs) expect(statuses(client)).toEqual([true]);
    await client.until(() => statuses(client).length === 2);
    expect(statuses(client)).toEqual([true, false]);
  });

  it("can end the whole login", async () => {
    const venue = await sim({ session: { idleMs: 100, idleEnds: "login" } });
    const client = await greeted(venue);
    await venue.waitFor(({ session }) => session === "logged-out");
    await client.until(() => statuses(client).length === 2);
    expect((await rest(venue, "POST /tickle")).status).toBe(401);
  });

  it("is a day at the most", async () => {
    const venue = await sim({ timeScale: 600_000 });
    const client = await greeted(venue);
    await venue.waitFor(({ session }) => session === "logged-out");
    await client.until(() => statuses(client).includes(false));
  });

  it("ends at midnight", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.faults.midnightReset();
    await client.until(() => statuses(client).length === 2);
    expect(venue.stats()).toMatchObject({ session: "portal", open: 1 });
    expect((await init(venue, false)).body["passed"]).toBe(true);
  });

  it("ends at midnight for the login, by option, and by script", async () => {
    const venue = await sim({
      session: { idleEnds: "login" },
      script: [{ when: { kind: "time", afterMs: 50 }, fault: { kind: "midnight-reset" } }],
    });
    await venue.waitFor(({ session }) => session === "logged-out");
    expect((await rest(venue, "POST /tickle")).status).toBe(401);
  });
});

describe("a rival", () => {
  it("takes the session; init without compete fails and says nothing of competing", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.faults.compete();
    await client.until(() => statuses(client).length === 2);
    expect(frames(client, "sts")[1]?.args).toEqual({ authenticated: false, competing: true });
    expect((await rest(venue, "POST /iserver/auth/status")).body).toMatchObject({
      authenticated: false,
      competing: true,
    });
    const refused = { passed: false, authenticated: false, connected: true, competing: false };
    expect((await init(venue, false)).body).toEqual(refused);
    expect(venue.session.state).toBe("rival");
  });

  it("loses it to init with compete", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.faults.compete({ silent: true });
    expect((await init(venue, true)).body).toMatchObject({ passed: true, authenticated: true });
    await client.until(() => statuses(client).length === 2);
    expect(statuses(client)).toEqual([true, true]);
  });

  it("leaves, and then init without compete will do; the session does not come back by itself", async () => {
    const venue = await sim();
    venue.faults.compete();
    venue.faults.rivalLeaves();
    expect(venue.session.state).toBe("portal");
    expect((await rest(venue, "GET /iserver/auth/status")).body["competing"]).toBe(false);
    expect((await init(venue, false)).body["passed"]).toBe(true);
  });
});

describe("the end of a login", () => {
  it.each(["logout", "fault"])(
    "by %s: sockets are told, all topics end, REST answers 401",
    async (how) => {
      const venue = await sim();
      const client = await greeted(venue);
      await tell(venue, client, "spl+{}", "sor+{}");
      if (how === "logout")
        expect((await rest(venue, "POST /logout")).body).toEqual({ status: true });
      else venue.faults.loginExpires();
      await client.until(() => statuses(client).length === 2);
      expect(venue.stats().subscriptions).toEqual([
        { connection: 1, authenticated: false, topics: [] },
      ]);
      for (const request of [
        "POST /tickle",
        "GET /sso/validate",
        "GET /iserver/auth/status",
        "POST /iserver/auth/ssodh/init",
      ]) {
        expect((await rest(venue, request)).status).toBe(401);
      }
    },
  );

  it("can be followed by another, which old sockets and sessions have no part in", async () => {
    const venue = await sim();
    const { cookies } = await rest(venue, "POST /tickle");
    const [old, id] = [await greeted(venue), venue.session.id];
    venue.faults.loginExpires();
    venue.session.login();
    expect(venue.session.id).not.toBe(id);
    await tell(venue, old, "tic");
    expect(venue.stats().commands.at(-1)?.outcome).toBe("waiting");
    const late = await connect(venue, "", { headers: { cookie: cookies[0]?.split(";")[0] ?? "" } });
    await late.until(() => late.messages.length === 1);
    expect(late.messages).toEqual([{ message: "waiting for session" }]);
    await tell(venue, old, JSON.stringify({ session: venue.session.id }));
    await old.until(() => statuses(old).length === 3);
    expect(statuses(old)).toEqual([true, false, true]);
  });

  it("ends an init that is under way as well", async () => {
    const venue = await sim({ session: { initMs: 50, authenticated: false } });
    const socket = createConnection(venue.port, "127.0.0.1");
    const request = (path: string): string =>
      `POST /v1/api${path} HTTP/1.1\r\nHost: sim\r\nContent-Length: 0\r\n\r\n`;
    // In one packet, so that the second is served while the first one takes its time; answers keep
    // the order.
    socket.write(request("/iserver/auth/ssodh/init") + request("/logout"));
    await venue.waitFor(({ requests }) => requests.length === 2);
    socket.destroy();
    expect(venue.stats().requests.map(({ path, status }) => [path, status])).toEqual([
      ["/logout", 200],
      ["/iserver/auth/ssodh/init", 401],
    ]);
    expect(venue.stats().brokerageSessions).toBe(0);
  });
});
