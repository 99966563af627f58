import { connect as netConnect } from "node:net";
import type { NetConnectOpts } from "node:net";
import { open } from "oath-ws";
import type { OpenOptions } from "oath-ws";
import { describe, expect, it } from "vitest";
import { buildParts } from "../../src/options/build-parts.js";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import { connect, handshake, wsErrorOf } from "../support/connections.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

describe.each(LEAF_NAMES)("a dial of the %s leaf", (leaf) => {
  async function addressTimeout(options: OpenOptions): Promise<unknown> {
    const server = await rawServer();
    let seen: unknown;
    const createConnection = (how: NetConnectOpts): ReturnType<typeof netConnect> => {
      seen = (how as { autoSelectFamilyAttemptTimeout?: unknown }).autoSelectFamilyAttemptTimeout;
      return netConnect({ ...how, path: undefined } as NetConnectOpts);
    };
    const config = { ...options.config, shutdown: { timeoutMs: 1 } };
    const socket = { ...options.socket, createConnection };
    const opening = open(server.url, { transport: leaf, ...options, socket, config });
    await new RawPeer(await server.next()).upgrade();
    await using _feed = await opening;
    return seen;
  }

  it("gives one address of several half of connect.timeoutMs, unless it is told", async () => {
    expect(await addressTimeout({ config: { connect: { timeoutMs: 7001 } } })).toBe(3501);
    expect(await addressTimeout({ socket: { autoSelectFamilyAttemptTimeout: 77 } })).toBe(77);
    const unset = { autoSelectFamilyAttemptTimeout: undefined };
    expect(await addressTimeout({ socket: unset, config: { connect: { timeoutMs: 6000 } } })).toBe(
      3000,
    );
  });

  it("refuses the header that the offer of compression goes into, by name", async () => {
    const headers = { "Sec-WebSocket-Extensions": "x-canary" };
    const error = await wsErrorOf(
      connect(LEAVES[leaf](), handshake("ws://127.0.0.1:1/", { headers })),
    );
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID" });
    expect(error.message).toContain('"Sec-WebSocket-Extensions"');
    expect(error.message).not.toContain("canary");
  });

  it("shares its leaf with those of the same bounds, and with no others", () => {
    const made = (closeTimeoutMs: number, timeoutMs = 1000): unknown =>
      buildParts({ transport: leaf, config: { connect: { timeoutMs } } }, [], () => closeTimeoutMs)
        .leaf;
    const first = made(5);
    expect(made(5)).toBe(first);
    expect(made(6)).not.toBe(first);
    expect(made(5, 2000)).not.toBe(made(5, 1000));
  });
});
