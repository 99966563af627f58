import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import { connect, nextFrame } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

const FIRST = deflateRawSync("hello, world", { finishFlush: constants.Z_SYNC_FLUSH });

/** A fixed block that copies 12 bytes from 12 bytes ago, and the head of an empty stored one. */
const COPY = Buffer.from("ca40620300", "hex");

// Tornado answers every offer like this.
describe.each(LEAF_NAMES)("a server that only says permessage-deflate, by the %s leaf:", (leaf) => {
  it("its messages may build on each other", async () => {
    const server = await rawServer();
    const connector = LEAVES[leaf]({ socket: { perMessageDeflate: true } });
    const connecting = connect(connector, server.url);
    const peer = new RawPeer(await server.next());
    await peer.upgrade(undefined, ["Sec-WebSocket-Extensions: permessage-deflate"]);
    const connection = await connecting;
    peer.socket.write(frame(OP.text, FIRST.subarray(0, -4), { rsv: 4 }));
    peer.socket.write(frame(OP.text, COPY, { rsv: 4 }));
    expect(await nextFrame(connection)).toEqual(["text", "hello, world"]);
    expect(await nextFrame(connection)).toEqual(["text", "hello, world"]);
  });
});
