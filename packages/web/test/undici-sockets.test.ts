import { channel } from "node:diagnostics_channel";
import { afterEach, describe, expect, it, vi } from "vitest";
import { destroySocket, watchDial } from "../src/undici-sockets.js";

const SENT = channel("undici:client:sendHeaders");
const OPENED = channel("undici:websocket:open");

function rawSocket(localPort: number, more: object = {}) {
  return { localAddress: "127.0.0.1", localPort, destroyed: false, destroy: vi.fn(), ...more };
}

const asks = (socket: object, upgrade: unknown = "websocket"): void =>
  SENT.publish({ request: { upgrade }, headers: "", socket });
const opens = (port: number, more: object = {}): void =>
  OPENED.publish({ address: { address: "127.0.0.1", port }, ...more });
const turn = (): Promise<void> => Promise.resolve().then(() => undefined);

afterEach(async () => {
  await turn();
  expect([SENT.hasSubscribers, OPENED.hasSubscribers]).toEqual([false, false]);
});

describe("the socket below a WebSocket", () => {
  it("is the one with its address, told after the open event (undici 7)", () => {
    const websocket = {};
    const [socket, other] = [rawSocket(1), rawSocket(2)];
    const watch = watchDial();
    asks(other);
    asks(socket);
    watch.opened(websocket);
    watch.end();
    opens(1, { websocket });
    expect(destroySocket(websocket)).toBe(true);
    expect([socket.destroy, other.destroy].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  });

  it("is the one told right before the open event (undici 6)", async () => {
    const [websocket, later] = [{}, {}];
    const socket = rawSocket(1);
    const [watch, second] = [watchDial(), watchDial()];
    asks(socket);
    opens(1);
    watch.opened(websocket);
    second.opened(later);
    watch.end();
    second.end();
    expect([destroySocket(websocket), destroySocket(later)]).toEqual([true, false]);
    expect(socket.destroy).toHaveBeenCalledOnce();
  });

  it("is not taken from a WebSocket that opened in an earlier turn", async () => {
    const websocket = {};
    const watch = watchDial();
    asks(rawSocket(1));
    opens(1);
    await turn();
    watch.opened(websocket);
    watch.end();
    expect(destroySocket(websocket)).toBe(false);
  });

  it.each([
    ["two sockets have the address", () => [rawSocket(1), rawSocket(1)].forEach((s) => asks(s))],
    ["the socket is shared, as HTTP/2 does", () => asks(rawSocket(1, { alpnProtocol: "h2" }))],
    ["the request was no upgrade", () => asks(rawSocket(1), null)],
    ["the address is another one", () => asks(rawSocket(2))],
    ["nothing was told", () => undefined],
  ])("is not known when %s", (_, tell) => {
    const websocket = {};
    const watch = watchDial();
    tell();
    opens(1, { websocket });
    OPENED.publish({ address: null, websocket });
    watch.end();
    expect(destroySocket(websocket)).toBe(false);
  });

  it("is looked for while any dial is under way", async () => {
    const websocket = {};
    const [first, second] = [watchDial(), watchDial()];
    first.end();
    await turn();
    asks(rawSocket(1));
    opens(1, { websocket });
    second.end();
    expect(destroySocket(websocket)).toBe(true);
  });

  it("is not looked for where the platform has no such channels", () => {
    vi.stubGlobal("process", undefined);
    const watch = watchDial();
    vi.unstubAllGlobals();
    expect([SENT.hasSubscribers, OPENED.hasSubscribers]).toEqual([false, false]);
    watch.opened({});
    watch.end();
  });
});
