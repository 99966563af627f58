import { describe, expect, it } from "vitest";
import { refusal } from "../support/client.js";
import { connect, echo, frames, greeted, rest, sim, tell } from "./with-sim.js";

const api = (session: string): string => `api=${JSON.stringify({ session })}`;

describe("a socket is let in", () => {
  it("by the cookie that the gateway sets, which it sets once", async () => {
    const venue = await sim();
    const { cookies, status } = await rest(venue, "POST /tickle");
    expect(status).toBe(200);
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^x-sess-uuid=[\w.]+; HttpOnly; Path=\/v1\/api$/);
    const cookie = cookies[0]?.split(";")[0] ?? "";
    expect((await rest(venue, "POST /tickle", undefined, { cookie })).cookies).toEqual([]);
    await connect(venue, "", { headers: { cookie } });
    expect(venue.stats().connects).toMatchObject([
      { status: 101, connection: 1, login: "gateway-cookie" },
    ]);
  });

  it.each([
    ["api-cookie", (id: string) => ({ cookie: api(id) })],
    [
      "api-cookie",
      (id: string) => ({
        cookie: `other=1; api=${encodeURIComponent(JSON.stringify({ session: id }))}`,
      }),
    ],
    ["api-cookie", (id: string) => ({ cookie: `api=${id}` })],
  ])("by the session in its %s", async (login, headers) => {
    const venue = await sim();
    const id = (await rest(venue, "POST /tickle")).body["session"] as string;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const client = await connect(venue, "", { headers: headers(id) });
    await client.until(() => frames(client, "sts").length === 1);
    expect(venue.stats().connects[0]).toMatchObject({ login });
  });

  it.each([
    ["oauth-token", "?oauth_token=tok-1"],
    ["session-token", "?sessionToken=tok-2"],
  ])("by the %s in the address", async (login, query) => {
    const venue = await sim({ session: { oauthToken: "tok-1", sessionToken: "tok-2" } });
    const client = await connect(venue, query);
    await client.until(() => frames(client, "sts").length === 1);
    expect(venue.stats().connects[0]).toMatchObject({ login });
  });

  it("by its first frame", async () => {
    const venue = await sim();
    const client = await connect(venue);
    await client.until(() => client.messages.length === 1);
    expect(client.messages).toEqual([{ message: "waiting for session" }]);
    // Nothing is heard before.
    await tell(venue, client, "tic", "smd+265598+{}");
    await tell(venue, client, JSON.stringify({ session: venue.session.id }));
    await client.until(() => frames(client, "sts").length === 1);
    expect(client.messages).toHaveLength(4);
    expect(venue.stats().commands.map(({ outcome }) => outcome)).toEqual([
      "waiting",
      "waiting",
      "done",
    ]);
  });
});

describe("the greeting", () => {
  it("is system, act, sts", async () => {
    const venue = await sim({ account: { id: "DU1" }, session: { username: "me" } });
    const client = await greeted(venue);
    expect(client.messages).toMatchObject([
      { topic: "system", success: "me", isFT: false, isPaper: false },
      {
        topic: "act",
        args: {
          accounts: ["DU1"],
          selectedAccount: "DU1",
          sessionId: venue.session.id,
          acctProps: { DU1: {} },
        },
      },
      {
        topic: "sts",
        args: {
          connected: true,
          authenticated: true,
          established: true,
          competing: false,
          username: "me",
        },
      },
    ]);
  });

  it("has no act without a brokerage session, and says so in sts; act comes with the session", async () => {
    const venue = await sim({ session: { authenticated: false } });
    const client = await greeted(venue);
    expect(client.messages).toEqual([
      { topic: "system", success: "BASELINE_USER", isFT: false, isPaper: false },
      { topic: "sts", args: { authenticated: false } },
    ]);
    venue.session.login();
    await client.until(() => frames(client, "sts").length === 2);
    expect(frames(client).map(({ topic }) => topic)).toEqual(["system", "sts", "act", "sts"]);
  });
});

describe("a session that is not valid", () => {
  const wrong = [
    ["a cookie", "", { headers: { cookie: api("0123") } }],
    ["a gateway cookie", "", { headers: { cookie: "x-sess-uuid=0.1.2.3" } }],
    ["an oauth token", "?oauth_token=no", {}],
    ["a session token", "?sessionToken=", {}],
  ] as const;

  it.each(wrong)("waits for ever, or until a good one is sent: %s", async (_, query, options) => {
    const venue = await sim();
    const client = await connect(venue, query, options);
    await client.until(() => client.messages.length === 1);
    await tell(venue, client, '{"session":"0123"}');
    expect(venue.stats().commands.at(-1)?.outcome).toBe("bad-session");
    await tell(venue, client, JSON.stringify({ session: venue.session.id }));
    await client.until(() => frames(client, "sts").length === 1);
    expect(client.messages[0]).toEqual({ message: "waiting for session" });
    expect(venue.stats().connects[0]?.login).toBeUndefined();
  });

  it.each(wrong)("is closed with 1000 by option: %s", async (_, query, options) => {
    const venue = await sim({ wire: { badSession: "close" } });
    const client = await connect(venue, query, options);
    expect(await client.ended).toMatchObject({ code: 1000 });
    expect(client.messages).toEqual([]);
    expect(venue.stats().disconnects.badSession).toBe(1);
  });

  it("in the first frame is closed with 1000 by option", async () => {
    const venue = await sim({ wire: { badSession: "close" } });
    const client = await connect(venue);
    client.socket.send('{"session":"0123"}');
    expect(await client.ended).toMatchObject({ code: 1000 });
  });

  it("is that of an older brokerage session, too: it has to be asked for on every connect", async () => {
    const venue = await sim();
    const old = venue.session.id;
    venue.faults.loseSession();
    venue.session.login();
    expect(venue.session.id).not.toBe(old);
    const client = await connect(venue, "", { headers: { cookie: api(old) } });
    await client.until(() => client.messages.length === 1);
    expect(client.messages).toEqual([{ message: "waiting for session" }]);
  });
});

describe("a session text on a socket that is in already", () => {
  it("is accepted without a word by default", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    client.socket.send(JSON.stringify({ session: venue.session.id }));
    await echo(client);
    expect(client.messages.slice(3)).toEqual(["ech+hb"]);
  });

  it("is an unknown topic by option", async () => {
    const venue = await sim({ wire: { sessionText: "error" } });
    const client = await greeted(venue);
    client.socket.send(JSON.stringify({ session: venue.session.id }));
    await client.until(() => client.messages.length > 3);
    expect(client.messages).toContainEqual({
      error: `Topic unknown {"session":"${venue.session.id}"}`,
      code: 1,
    });
  });
});

describe("an upgrade", () => {
  it("is refused with 401 while no user is logged in", async () => {
    const venue = await sim({ session: { loggedIn: false } });
    expect((await refusal(venue.wsUrl)).statusCode).toBe(401);
    expect(venue.stats()).toMatchObject({ refused: 1, accepted: 0, session: "logged-out" });
    venue.session.login();
    await greeted(venue);
  });

  it("is accepted then by option, and waits", async () => {
    const venue = await sim({ session: { loggedIn: false }, wire: { loggedOut: "wait" } });
    const client = await connect(venue);
    await tell(venue, client, '{"session":""}');
    expect(client.messages).toEqual([{ message: "waiting for session" }]);
    expect(venue.stats().subscriptions).toEqual([
      { connection: 1, authenticated: false, topics: [] },
    ]);
  });

  it("with what an ended login left behind waits, too", async () => {
    const venue = await sim({ wire: { loggedOut: "wait" } });
    const { id } = venue.session;
    venue.faults.loginExpires();
    const client = await connect(venue, "", { headers: { cookie: api(id) } });
    await tell(venue, client, JSON.stringify({ session: id }));
    expect(client.messages).toEqual([{ message: "waiting for session" }]);
    expect(venue.stats().commands[0]?.outcome).toBe("bad-session");
  });

  it("to another path is refused with 404", async () => {
    expect((await refusal((await sim()).wsUrl.replace("/v1/api", ""))).statusCode).toBe(404);
  });
});
