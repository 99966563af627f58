import { WsError } from "@oath-ws/contract";
import type { AuthContext } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { auth } from "../../src/layer/auth.js";
import { FakeConnection, FakeConnector, HANDSHAKE } from "../support/fake-connection.js";
import { FakeSignal } from "../support/fake-signal.js";
import { rejection, settle, watch } from "../support/outcome.js";

function refusing(error: unknown) {
  const leaf = new FakeConnector();
  const authorize = (): never => {
    throw error;
  };
  const connector = auth({ authorize })(leaf);
  return { leaf, failure: rejection(connector.connect(HANDSHAKE)) };
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
    const outcome = watch(auth(source)(leaf).connect(HANDSHAKE, { attempt: 7, lastError, signal }));
    await settle();
    leaf.lastDial.succeed(new FakeConnection());
    await settle();
    expect(outcome.state).toBe("resolved");
    expect(leaf.lastDial.handshake.headers).toEqual({ token: "t" });
    expect(contexts).toEqual([{ attempt: 7, lastError, signal }]);
  });

  it.each([
    ["a plain error", new Error("no"), "auth"],
    ["something that is no error", "no", "auth"],
    ["a programming error with a code", Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" }), "auth"],
    ["a system error", Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "connection"],
    ["a failed fetch", new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } }), "connection"],
    ["undici's own timeout", new TypeError("fetch failed", { cause: { code: "UND_ERR_CONNECT_TIMEOUT" } }), "connection"],
    ["AbortSignal.timeout()", Object.assign(new Error("x"), { name: "TimeoutError" }), "timeout"],
  ])("takes %s as kind %3$s", async (_name, error, kind) => {
    const { leaf, failure } = refusing(error);
    expect(await failure).toMatchObject({ kind, code: "AUTH_FAILED", cause: error });
    expect(leaf.dials).toEqual([]);
  });

  it("keeps a WsError as it stands", async () => {
    const error = new WsError({ kind: "throttled", code: "MINE", message: "slow down", retryAfterMs: 5 });
    expect(await refusing(error).failure).toBe(error);
  });

  it("refuses a bad URL of the source without showing it", async () => {
    const leaf = new FakeConnector();
    const connector = auth({ authorize: (handshake) => ({ ...handshake, url: "http://x/?token=canary" }) })(leaf);
    const error = await rejection(connector.connect(HANDSHAKE));
    expect(error).toMatchObject({ kind: "client", code: "URL_INVALID" });
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
    const failure = rejection(auth(source)(leaf).connect(HANDSHAKE, { signal }));
    signal.abort("enough");
    answer();
    expect(await failure).toBe("enough");
    expect(leaf.dials).toEqual([]);
  });
});
