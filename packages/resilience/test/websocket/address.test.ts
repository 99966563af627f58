import type { AuthContext } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { SharedGate } from "../../src/core/shared-gate.js";
import { createAddress } from "../../src/websocket/address.js";
import { StandInUrl } from "../../src/websocket/stand-in-url.js";
import type { AddressOptions } from "../../src/websocket/address.js";

const CONTEXT: AuthContext = { attempt: 1, signal: new AbortController().signal };

function address(options: Partial<AddressOptions>): ReturnType<typeof createAddress> {
  return createAddress({
    url: "wss://venue.test/",
    protocols: undefined,
    headers: {},
    auth: undefined,
    onUrl: () => undefined,
    standIn: () => new StandInUrl(new SharedGate()),
    baseUrl: undefined,
    ...options,
  });
}

describe("an address", () => {
  it("that is known needs no source to be asked, but the caller's own source", () => {
    expect(address({ protocols: "v1", headers: { a: "b" } })).toEqual({
      handshake: { url: "wss://venue.test/", protocols: ["v1"], headers: { a: "b" } },
      standIn: undefined,
      auth: undefined,
    });
    const auth = { authorize: () => Promise.reject(new Error("not called here")) };
    expect(address({ url: new URL("wss://venue.test/x"), auth })).toMatchObject({
      handshake: { url: "wss://venue.test/x" },
      auth,
    });
    expect(address({ protocols: null }).handshake.protocols).toEqual([]);
  });

  it("that is asked for is the caller's own source's to change", async () => {
    const urls: string[] = [];
    const contexts: unknown[] = [];
    const { handshake, standIn, auth } = address({
      url: (context) => {
        contexts.push(context);
        return new URL("wss://venue.test/asked");
      },
      protocols: () => ["v2", "v1"],
      headers: { a: "b" },
      onUrl: (url) => urls.push(url),
      auth: {
        authorize: (asked) => ({ ...asked, headers: { ...asked.headers, token: asked.url } }),
      },
    });
    expect(handshake.url).toBe(standIn?.href);
    expect(new URL(handshake.url).hostname).toMatch(/\.invalid$/);
    expect(await auth?.authorize(handshake, CONTEXT)).toEqual({
      url: "wss://venue.test/asked",
      protocols: ["v2", "v1"],
      headers: { a: "b", token: "wss://venue.test/asked" },
    });
    expect(urls).toEqual(["wss://venue.test/asked"]);
    expect(contexts).toEqual([CONTEXT]);
  });

  it("whose function fails is a failure that passes, unless the function knows better", async () => {
    const revoked = new WsError({ kind: "auth", code: "KEY_REVOKED", message: "revoked" });
    const cause = new TypeError("fetch failed");
    const failing = address({ url: () => Promise.reject(cause) });
    await expect(failing.auth?.authorize(failing.handshake, CONTEXT)).rejects.toMatchObject({
      kind: "unknown",
      code: "AUTH_FAILED",
      message: "the URL function failed",
      cause,
    });
    const refusing = address({
      protocols: () => {
        throw revoked;
      },
    });
    await expect(refusing.auth?.authorize(refusing.handshake, CONTEXT)).rejects.toBe(revoked);
  });
});
