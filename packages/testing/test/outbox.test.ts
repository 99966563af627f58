import { WsError } from "@oath-ws/contract";
import type { Frame } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { Outbox } from "../src/outbox.js";

const frame = (...bytes: number[]): Frame => ({ kind: "binary", data: new Uint8Array(bytes) });
const gone = new WsError({ kind: "connection", code: "SOCKET_LOST", message: "gone" });

function setUp(): { outbox: Outbox; left: number[][] } {
  const left: number[][] = [];
  return { outbox: new Outbox(({ data }) => left.push([...data])), left };
}

describe("Outbox", () => {
  it("lets frames leave at once, with payloads of their own", async () => {
    const frames: Frame[] = [];
    const outbox = new Outbox((left) => frames.push(left));
    for (const data of [new Uint8Array([1]), Buffer.from([1])]) {
      await outbox.send({ kind: "binary", data });
      data.fill(9);
    }
    expect(frames.map(({ data }) => data[0])).toEqual([1, 1]);
  });

  it("keeps frames while blocked, and lets them leave in order", async () => {
    const { outbox, left } = setUp();
    outbox.block();
    const sends = [outbox.send(frame(1)), outbox.send(frame(2))];
    expect(left).toEqual([]);
    outbox.unblock();
    await Promise.all([...sends, outbox.send(frame(3))]);
    expect(left).toEqual([[1], [2], [3]]);
  });

  it("withdraws a waiting frame whose signal aborts, and no other", async () => {
    const { outbox, left } = setUp();
    const abort = new AbortController();
    outbox.block();
    const kept = outbox.send(frame(1));
    const withdrawn = outbox.send(frame(2), abort.signal);
    abort.abort("no longer");
    await expect(withdrawn).rejects.toBe("no longer");
    await expect(outbox.send(frame(3), abort.signal)).rejects.toBe("no longer");
    outbox.unblock();
    await kept;
    expect(left).toEqual([[1]]);
  });

  it("fails what waits, once", async () => {
    const { outbox, left } = setUp();
    outbox.block();
    const send = outbox.send(frame(1));
    outbox.fail(gone);
    await expect(send).rejects.toBe(gone);
    outbox.unblock();
    expect(left).toEqual([]);
  });
});
