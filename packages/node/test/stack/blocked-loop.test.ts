import { Worker } from "node:worker_threads";
import type { TraceEvent } from "@oath-ws/contract";
import { stack } from "@oath-ws/resilience";
import { nodeNewId, nodeRandom, nodeSpawn, nodeTimer } from "oath-ws/leaf";
import { describe, expect, it, onTestFinished } from "vitest";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import { handshake } from "../support/connections.js";

// The server runs in a thread of its own, so that it can answer while our loop is blocked.

const TIMEOUT_MS = 1_000;

const SERVER = `
  const { createHash } = require("node:crypto");
  const { createServer } = require("node:net");
  const { parentPort, workerData } = require("node:worker_threads");
  const flags = new Int32Array(workerData);
  const server = createServer((socket) => {
    let head = "";
    socket.on("error", () => undefined).on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.endsWith("\\r\\n\\r\\n")) return;
      const key = /sec-websocket-key: (.*)\\r/i.exec(head)?.[1];
      head = "";
      parentPort.postMessage("asked");
      Atomics.wait(flags, 0, 0);
      const text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
      const accept = createHash("sha1").update(text).digest("base64");
      const answer = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: " + accept,
      ].join("\\r\\n");
      socket.write(answer + "\\r\\n\\r\\n", () => {
        Atomics.store(flags, 1, 1);
        Atomics.notify(flags, 1);
      });
    });
  }).listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
}

/** Blocks this thread, and with it the event loop. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe.each(LEAF_NAMES)("a loop that is blocked past connect.timeoutMs, over %s", (leaf) => {
  const connect = async (
    blockWhileDialling: (worker: Worker, flags: Int32Array) => Promise<void>,
  ) => {
    const shared = new SharedArrayBuffer(8);
    const worker = new Worker(SERVER, { eval: true, workerData: shared });
    onTestFinished(async () => void (await worker.terminate()));
    const port = await message(worker);
    const events: TraceEvent[] = [];
    const connector = stack({
      leaf: LEAVES[leaf]({}),
      timer: nodeTimer,
      spawn: nodeSpawn,
      random: nodeRandom,
      newId: nodeNewId,
      config: { connect: { timeoutMs: TIMEOUT_MS } },
      tracer: { trace: (event) => void events.push(event) },
    });
    const opening = connector.connect(handshake(`ws://127.0.0.1:${String(port)}/`));
    await blockWhileDialling(worker, new Int32Array(shared));
    const connection = await opening;
    await connection.control.shutdown({ timeoutMs: 0 });
    return events.flatMap((event) => (event.kind === "failure" ? [event.error.code] : []));
  };

  it("takes the answer that lay in the socket meanwhile", async () => {
    const failures = await connect(async (worker, flags) => {
      await message(worker);
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
      Atomics.wait(flags, 1, 0);
      block(TIMEOUT_MS + 100);
    });
    expect(failures).toEqual([]);
  });

  it("gives the peer its time when the request had not even left", async () => {
    const failures = await connect(async (_worker, flags) => {
      Atomics.store(flags, 0, 1);
      // The dial has begun, and none of its round trips is over.
      await new Promise(setImmediate);
      block(TIMEOUT_MS + 100);
    });
    expect(failures).toEqual([]);
  });
});
