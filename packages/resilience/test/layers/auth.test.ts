import { WsError } from "@oath-ws/contract";
import type { AuthContext, Handshake } from "@oath-ws/contract";
import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { auth } from "../../src/layers/auth.js";
import { FakeConnection, FakeConnector, HANDSHAKE } from "../support/fake-connection.js";
import { FakeEvents } from "../support/fake-events.js";
import { FakeSignal } from "../support/fake-signal.js";
import { rejection, settle, watch } from "../support/outcome.js";

const TIMER = new VirtualTimer();

function refusing(error: unknown) {
  const leaf = new FakeConnector();
  const authorize = (): never => {
    throw error;
  };
  const connector = auth({ authorize }, TIMER)(leaf);
  return { leaf, failure: rejection(connector.connect(HANDSHAKE, new FakeEvents())) };
}

describe("auth", () => {
  it("dials with the handshake that the source gives, and tells it about the attempt", async () => {
    const leaf = new FakeConnector();
    const contexts: AuthContext[] = [];
    const source = {
      authorize: (handshake: typeof HANDSHAKE, context: AuthContext) => {
        contexts.push(context);
        return { ...handshake, headers: { token: "t" } };
      },
    };
    const signal = new FakeSignal();
    const lastError = new WsError({ kind: "auth", code: "X", message: "x" });
    const outcome = watch(
      auth(
        source,
        TIMER,
      )(leaf).connect(HANDSHAKE, new FakeEvents(), { attempt: 7, lastError, signal }),
    );
    await settle();
    leaf.lastDial.succeed(new FakeConnection());
    await settle();
    expect(outcome.state).toBe("resolved");
    expect(leaf.lastDial.handshake.headers).toEqual({ token: "t" });
    expect(contexts).toEqual([{ attempt: 7, lastError, signal }]);
  });

  it.each([
    ["a refusal", new Error("no"), "auth"],
    ["an outage", Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "connection"],
  ])("fails the attempt with %s of the source", async (_, error, kind) => {
    const { leaf, failure } = refusing(error);
    expect(await failure).toMatchObject({ kind, code: "AUTH_FAILED", cause: error });
    expect(leaf.dials).toEqual([]);
  });

  it("keeps a WsError as it stands", async () => {
    const error = new WsError({
      kind: "throttled",
      code: "MINE",
      message: "slow down",
      retryAfterMs: 5,
    });
    expect(await refusing(error).failure).toBe(error);
  });

  it("refuses a bad URL of the source without showing it", async () => {
    const leaf = new FakeConnector();
    const authorize = (handshake: Handshake) => ({
      ...handshake,
      url: "http://x/?token=canary",
    });
    const connector = auth({ authorize }, TIMER)(leaf);
    const error = await rejection(connector.connect(HANDSHAKE, new FakeEvents()));
    expect(error).toMatchObject({ kind: "client", code: "URL_INVALID" });
    expect(String(error)).not.toContain("canary");
    expect(leaf.dials).toEqual([]);
  });

  it.each([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a string", "wss://canary.test", "string"],
    [
      "a token",
      { token: "canary" },
      "url must be a string, got undefined; protocols must be an array",
    ],
    [
      "a URL object",
      { ...HANDSHAKE, url: new URL("wss://canary.test") },
      "url must be a string, got object",
    ],
    [
      "one subprotocol",
      { ...HANDSHAKE, protocols: "canary" },
      "protocols must be an array, got string",
    ],
    [
      "no headers",
      { ...HANDSHAKE, headers: undefined },
      "headers must be a plain object, got undefined",
    ],
    [
      "a Headers",
      { ...HANDSHAKE, headers: new Headers({ token: "canary" }) },
      "headers must be a plain object, got an iterable object",
    ],
    [
      "a list of headers",
      { ...HANDSHAKE, headers: [["token", "canary"]] },
      "headers must be a plain object, got an array",
    ],
  ])("takes %s for no handshake, says why, and dials nothing", async (_name, answer, why) => {
    const leaf = new FakeConnector();
    const error = await rejection(
      auth(
        { authorize: () => answer as unknown as Handshake },
        TIMER,
      )(leaf).connect(HANDSHAKE, new FakeEvents()),
    );
    expect(error).toMatchObject({
      kind: "client",
      code: "AUTH_INVALID",
      message: expect.stringContaining(why) as unknown,
    });
    expect(String(error)).not.toContain("canary");
    expect(leaf.dials).toEqual([]);
  });

  it("dials nothing when the attempt was given up while the source was thinking", async () => {
    const leaf = new FakeConnector();
    const signal = new FakeSignal();
    let answer: () => void = () => undefined;
    const source = {
      authorize: () =>
        new Promise<typeof HANDSHAKE>((resolve) => {
          answer = () => resolve(HANDSHAKE);
        }),
    };
    const failure = rejection(
      auth(source, TIMER)(leaf).connect(HANDSHAKE, new FakeEvents(), { signal }),
    );
    signal.abort("enough");
    answer();
    expect(await failure).toBe("enough");
    expect(leaf.dials).toEqual([]);
  });
});
