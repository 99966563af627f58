import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { AppendPipe } from "../../src/owner/append-pipe.js";
import { ItemLog } from "../../src/owner/item-log.js";
import { plainItem } from "../../src/source/relay-source.js";
import { decodeBatch } from "../../src/wire/batch.js";
import {
  FakeEngine,
  FakeServer,
} from "../../../../internal/simulate/src/relay/fake/fake-engine.js";

describe("AppendPipe", () => {
  it("is refused by the engine as soon as another owner has appended", async () => {
    const world = createWorld();
    const server = new FakeServer(world.timer);
    const log = new ItemLog(1_000_000, 60_000);
    log.begin(new Map(), []);
    const failures: string[] = [];
    const pipe = new AppendPipe({
      engine: new FakeEngine(server),
      log,
      line: "zombie",
      term: 1,
      lastSeq: 0,
      ids: new Map(),
      maxBytes: 1_000,
      now: () => world.timer.now(),
      onAppended: () => undefined,
      onFailed: ({ code }) => failures.push(code),
    });
    const push = (): void => {
      log.push(plainItem("text", world.timer.now(), Buffer.from("x")));
      pipe.pump();
    };
    push();
    await world.run(10);
    expect(server.lastSeq).toBe(1);
    // What another owner appends while this one has some on their way.
    push();
    push();
    server.append(Buffer.from("term record"), 1);
    push();
    await world.run(10);
    expect(failures).toEqual(["RELAY_CONFLICT"]);
    expect(server.lastSeq).toBe(2);
    expect(server.refused).toBe(1);
    expect(decodeBatch(server.messages[0]?.data ?? new Uint8Array()).head.line).toBe("zombie");
    push();
    await world.run(10);
    expect(server.refused).toBe(1);
  });
});
