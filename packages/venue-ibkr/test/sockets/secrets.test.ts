import { inspect } from "node:util";
import type { TraceEvent } from "oath-ws";
import { nodeRuntime } from "oath-ws";
import { describe, expect, it } from "vitest";
import type { SessionOptions } from "@oath-ws/venue-ibkr";
import type { StrictFetch } from "@oath-ws/venue-kit";
import { live, openClient, openSession, startVenue, until } from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

/** Everything that a person might print. */
function printed(...things: readonly unknown[]): string {
  const json = (thing: unknown): string => {
    try {
      return JSON.stringify(thing) ?? "";
    } catch {
      return "";
    }
  };
  return things
    .map((thing) => inspect(thing, { depth: 20, showHidden: true, getters: true }) + json(thing))
    .join("\n");
}

const TOKENS = { oauthToken: "canary-oauth", sessionToken: "canary-bearer" };
const FORMS: Readonly<Record<string, SessionOptions["auth"]>> = {
  cookie: { kind: "cookie" },
  "first-frame": { kind: "first-frame" },
  oauth1: { kind: "oauth1", accessToken: () => TOKENS.oauthToken },
  oauth2: { kind: "oauth2", bearer: () => TOKENS.sessionToken },
};

describe.each(Object.keys(FORMS))("secrets of a session shown by %s", (form) => {
  it("are in no error, trace, state, event or printed object, whatever goes wrong", async () => {
    const secrets = new Set<string>(["canary-signature", ...Object.values(TOKENS)]);
    const note = ({ session }: IbkrSim): void => void secrets.add(session.id);
    const sim = await startVenue({
      session: TOKENS,
      wire: { sessionText: "error", errors: "bare" },
    });
    note(sim);
    const seen: unknown[] = [];
    const traces: TraceEvent[] = [];
    // What the venue sets is a secret, too.
    const fetch: StrictFetch = async (url, init) => {
      const response = await nodeRuntime.fetch(url, init);
      for (const cookie of response.cookies) secrets.add(/=([^;]+)/.exec(cookie)?.[1] ?? "");
      return response;
    };
    const session = openSession(sim, {
      runtime: { ...nodeRuntime, fetch },
      auth: FORMS[form],
      sign: () => ({ Authorization: "canary-signature" }),
      onFault: (error) => seen.push(error),
    });
    const client = openClient(sim, session, {
      onFault: (error) => seen.push(error),
      tracer: { trace: (event) => traces.push(event) },
    });
    const act = client.subscribe("act");
    const system = client.subscribe("system");
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, live);
    note(sim);
    sim.faults.loseSession();
    await until(quotes.state, ({ phase, recoveries }) => phase === "live" && recoveries === 1);
    note(sim);
    // Each way to fail, with the error that a caller gets.
    for (const status of [400, 401, 500, 503]) {
      sim.faults.failRequests(status, 1, "/x");
      seen.push(
        await session
          .request({ method: "POST", path: "/x", body: {} })
          .catch((error: unknown) => error),
      );
    }
    sim.faults.refuse({ status: 401, count: 2 });
    sim.faults.dropConnections();
    await until(quotes.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
    sim.faults.loginExpires();
    await until(quotes.state, ({ phase }) => phase === "failed");
    for (const source of [act, system]) {
      for (let event = source.take(); event !== undefined; event = source.take()) seen.push(event);
    }
    seen.push(quotes.state.snapshot, session.state.snapshot);
    const text = printed(session, client, seen, traces, quotes, act, session.state);
    expect(seen.length).toBeGreaterThan(6);
    expect(traces.length).toBeGreaterThan(4);
    expect(secrets.size).toBeGreaterThan(4);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(5);
      expect(text).not.toContain(secret);
    }
  });
});
