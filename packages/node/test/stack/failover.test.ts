import { loopbackAddress } from "@oath-ws/sim";
import { open } from "oath-ws";
import type { EndpointSource, ReceivedFrame } from "oath-ws";
import { describe, expect, it } from "vitest";
import { startServer, until } from "./support.js";
import type { TestServer } from "./support.js";

/** Sends numbers in a row to every client, each as long as its socket is open. */
function count(server: TestServer, name: string): { readonly sent: string[]; stop(): void } {
  const sent: string[] = [];
  const timer = setInterval(() => {
    for (const client of server.server.clients) {
      // Between two looks at the timer many frames leave in one turn, as on a busy feed.
      for (let i = 0; i < 20 && client.readyState === client.OPEN; i++) {
        sent.push(`${name}${sent.length}`);
        client.send(sent.at(-1) ?? "");
      }
    }
  }, 1);
  return { sent, stop: () => clearInterval(timer) };
}

async function stop(server: TestServer): Promise<void> {
  await server[Symbol.asyncDispose]();
}

describe.each(["direct", "ws"] as const)("several endpoints over the transport %s", (transport) => {
  it("B takes over when A's server dies, and A again when it is back, with every frame once", async () => {
    const host = loopbackAddress();
    const a = await startServer({ host });
    await using b = await startServer();
    const { port } = new URL(a.url);
    const config = { failover: { returnAfterMs: 30 }, attempts: { max: 1_000 } };
    await using feed = await open([a.url, b.url], { transport, config });
    const { lifecycle } = feed;
    expect(lifecycle.snapshot.endpoint).toBe(a.url);

    await stop(a);
    await until(lifecycle, ({ epoch }) => epoch === 2);
    expect(lifecycle.snapshot).toMatchObject({ endpoint: b.url, phase: "resumed" });
    const fromB = count(b, "b");

    await using again = await startServer({ host, port: Number(port) });
    const fromA = count(again, "a");
    await until(lifecycle, ({ endpoint, epoch }) => endpoint === a.url && epoch === 3);
    const { downSince, cause } = lifecycle.snapshot;
    expect({ downSince, code: cause?.code }).toEqual({ downSince: undefined, code: "RETURNED" });
    fromB.stop();

    const frames: ReceivedFrame[] = [];
    for await (const frame of feed.source) {
      frames.push(frame);
      if (frame.epoch === 3 && frames.filter(({ epoch }) => epoch === 3).length > 100) break;
    }
    fromA.stop();
    const textsOf = (epoch: number): string[] =>
      frames.filter((frame) => frame.epoch === epoch).map((frame) => frame.text());
    expect(fromB.sent.length).toBeGreaterThan(0);
    expect(textsOf(2)).toEqual(fromB.sent);
    expect(textsOf(3)).toEqual(fromA.sent.slice(0, textsOf(3).length));
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
    expect(lifecycle.snapshot.totalLagged).toBe(0);
  });

  it("asks a source before each round, and lists what is wrong with a list", async () => {
    await using server = await startServer();
    let round = 0;
    const source: EndpointSource = {
      next: (context) => {
        round = context.round;
        return Promise.resolve([round === 1 ? "ws://127.0.0.1:1" : server.url]);
      },
    };
    await using feed = await open(source, { transport, config: { backoff: { minMs: 1 } } });
    expect(round).toBe(2);
    expect(feed.lifecycle.snapshot.endpoint).toBe(server.url);
    const refused: unknown = await open([server.url, "nonsense", server.url], {
      transport,
      tracer: {} as never,
    }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "CONFIG_INVALID",
      issues: [{ path: "url[1]" }, { path: "url[2]" }, { path: "tracer" }],
    });
  });
});
