import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { faultLine } from "../../src/sim/fault-line.js";
import { parseFaultOption } from "../../src/sim/fault-option.js";
import { records, start } from "../support/run-cli.js";
import type { Running } from "../support/run-cli.js";
import { here } from "../support/run-here.js";

interface Introduction {
  readonly addresses: Readonly<Record<string, string>>;
  readonly control: { readonly url: string; readonly token: string };
  readonly ca: string | null;
  readonly keyFile: string | null;
  readonly tail: readonly string[];
}

const WHEN = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) as string;

/** A simulated venue that ends with the test, whatever becomes of it. */
function simulating(...args: readonly string[]): Running {
  const running = start("sim", ...args);
  onTestFinished(() => running.interrupt());
  return running;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "oath-ws-sim-test-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A request with any `Host`, which `fetch` does not send. */
async function ask(
  url: string,
  {
    method = "GET",
    headers,
    body = "",
  }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number | undefined; text: string; cookie: string | undefined }> {
  const sent = request(url, { method, headers });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const parts: string[] = [];
  for await (const part of response.setEncoding("utf8")) parts.push(String(part));
  const [cookie] = response.headers["set-cookie"]?.[0]?.split(";") ?? [];
  return { status: response.statusCode, text: parts.join(""), cookie };
}

it("oath-ws sim serves a venue over TLS, takes faults over its control API, and ends cleanly", async () => {
  const running = simulating("binance", "--tls", "--symbol", "SOLUSDT", "--json");
  await running.seen(/"type":"sim".*\n/);
  const [introduction] = records(running.out) as unknown as [Introduction];
  const { addresses, ca, control, tail } = introduction;
  expect(addresses["streams"]).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
  expect(addresses["rest"]).toMatch(/^https:/);
  expect(tail).toContain("solusdt@trade,solusdt@depth");
  const url = `${addresses["streams"] ?? ""}/ws/solusdt@trade`;
  const stranger = new WebSocket(url);
  const [refusal] = (await once(stranger, "error")) as [{ code: string }];
  expect(refusal.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  const socket = new WebSocket(url, { ca: readFileSync(ca ?? "") });
  const closed = once(socket, "close");
  const [message] = (await once(socket, "message")) as [Buffer];
  expect(JSON.parse(message.toString())).toMatchObject({ e: "trade", s: "SOLUSDT" });

  const authorization = `Bearer ${control.token}`;
  const headers = { authorization };
  const reset = { method: "POST", body: '{"fault":{"kind":"reset"}}' };
  const refused: readonly (readonly [asked: Parameters<typeof ask>[1], status: number])[] = [
    [reset, 401],
    [{ ...reset, headers: { authorization: `${authorization}x` } }, 401],
    [{ ...reset, headers: { authorization, origin: "http://evil.example" } }, 403],
    [{ ...reset, headers: { authorization, host: "evil.example" } }, 403],
    [{ method: "DELETE", headers }, 405],
    [{ method: "POST", headers, body: "{" }, 400],
    [{ method: "POST", headers, body: "[]" }, 400],
    [{ method: "POST", headers, body: '{"fault":{"kind":"rain"}}' }, 400],
    [{ method: "POST", headers, body: '{"fault":{"kind":"mute","forMs":"x"}}' }, 400],
    [{ method: "POST", headers, body: "x".repeat(70_000) }, 413],
  ];
  for (const [asked, status] of refused)
    expect([asked, (await ask(control.url, asked)).status]).toEqual([asked, status]);
  expect((await ask(control.url.replace("/control", "/"), { headers })).status).toBe(404);
  const stats = await ask(control.url, { headers });
  expect(JSON.parse(stats.text)).toMatchObject({ open: 1 });
  const applied = await ask(control.url, { ...reset, headers });
  expect([applied.status, JSON.parse(applied.text)]).toMatchObject([200, { connections: [1] }]);
  expect((await closed)[0]).toBe(1006);
  await running.seen(/"type":"connections","open":0/);

  running.interrupt();
  const { code, out, err } = await running.ended;
  expect([code, err]).toEqual([0, ""]);
  const told = records(out).filter(({ type }) => type === "fault");
  expect(told).toEqual([{ type: "fault", at: WHEN, fault: { kind: "reset" }, connections: [1] }]);
  expect(records(out).at(-1)).toMatchObject({ type: "summary", stats: { open: 0 } });
  expect(existsSync(dirname(ca ?? ""))).toBe(false);
});

it.each(["coinbase", "ibkr"])("%s: the faults of a script strike what is sent", async (name) => {
  const script = join(folder(), "script.json");
  const when = { kind: "connection-frame", number: 2 };
  writeFileSync(script, JSON.stringify([{ when, fault: { kind: "reset" } }]));
  const running = simulating(name, "--script", script, "--json");
  await running.seen(/"type":"sim".*\n/);
  const [{ addresses, keyFile }] = records(running.out) as unknown as [Introduction];
  if (name === "coinbase")
    expect(JSON.parse(readFileSync(keyFile ?? "", "utf8"))).toHaveProperty("privateKey");
  // The gateway lets in a client that shows its cookie.
  const tickle = await ask(`${addresses["rest"] ?? ""}/tickle`, { method: "POST" });
  const headers = { cookie: tickle.cookie ?? "" };
  const socket = new WebSocket(addresses["streams"] ?? "", { headers });
  socket.on("error", () => undefined);
  socket.on("open", () => {
    const topic = { channel: "market_trades", product_ids: ["BTC-USD"] };
    socket.send(
      name === "ibkr" ? "smd+265598+{}" : JSON.stringify({ type: "subscribe", ...topic }),
    );
  });
  expect((await once(socket, "close"))[0]).toBe(1006);
  await running.seen(/"type":"fault".*\n/);
  const told = records(running.out).filter(({ type }) => type === "fault");
  expect(told).toMatchObject([{ at: WHEN, fault: { kind: "reset" }, connections: [1] }]);
  running.interrupt();
  expect(await running.ended).toMatchObject({ code: 0, err: "" });
});

it("oath-ws sim tells people each fault with its time, and what it did, as it happens", async () => {
  const faults = ["reset@1ms", "mute:forMs=5@20ms", "refuse:status=503,count=2@30ms"];
  const args = faults.flatMap((fault) => ["--fault", fault]);
  const { code, out, err } = await here("sim", "binance", ...args, "--for", "100ms");
  expect([code, err]).toEqual([0, ""]);
  const told = out.match(/^\d\d:\d\d:\d\d\.\d{3} == .*$/gm)?.map((line) => line.slice(13));
  expect(told).toEqual([
    "== reset happened, and hit no connection",
    "== mute:forMs=5 happened, and hit no connection",
    "== refuse:status=503,count=2 waits for the next 2 connections",
  ]);
  // The introduction comes first, also where a fault came before it.
  expect(out.indexOf("==")).toBeGreaterThan(out.indexOf("  follow"));
});

it("oath-ws sim tells how many connections a fault hit, and which", () => {
  const fault = { kind: "close", code: 4001, reason: "bye" };
  expect(faultLine({ fault, connections: [3] })).toBe(
    "close:code=4001,reason=bye hit 1 connection (3)",
  );
  const many = Array.from({ length: 12 }, (_, index) => index + 1);
  expect(faultLine({ fault: { kind: "reset" }, connections: many })).toBe(
    "reset hit 12 connections (1, 2, 3, 4, 5, 6, 7, 8, ...)",
  );
  const accepted = { kind: "accept-then-close" };
  expect(faultLine({ fault: accepted, connections: [] })).toBe(
    "accept-then-close waits for the next connection",
  );
});

it("oath-ws sim tells people how to follow the venue, and ends with --for", async () => {
  const { code, out, err } = await here("sim", "coinbase", "--for", "50ms");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^ {2}follow {3}npx oath-ws tail --venue coinbase ticker:BTC-USD --url ws:/m);
  expect(out).toMatch(/^ {2}key {6}--key \S+ for the stream user$/m);
  expect(out).toMatch(/^ {2}control {2}http:\/\/127\.0\.0\.1:\d+\/control/m);
});

it("oath-ws sim reads faults of the command line, and refuses scripts that cannot be", async () => {
  expect(parseFaultOption("refuse:status=503,body=gone@1.5s")).toEqual({
    when: { kind: "time", afterMs: 1_500 },
    fault: { kind: "refuse", status: 503, body: "gone" },
  });
  const own = folder();
  const file = (text: string): string => {
    writeFileSync(join(own, "script.json"), text);
    return join(own, "script.json");
  };
  const gap = '[{"when":{"kind":"time","afterMs":1},"fault":{"kind":"gap"}}]';
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /usage: oath-ws sim binance\|coinbase\|ibkr/],
    [["constructor"], /usage: oath-ws sim/],
    [["binance", "ibkr"], /usage: oath-ws sim/],
    [["binance", "--fault", "reset"], /--fault takes KIND@DURATION/],
    [["binance", "--fault", "reset@soon"], /--fault takes a duration/],
    [["binance", "--fault", "mute:forMs@1s"], /fields as NAME=VALUE/],
    [["binance", "--fault", "rain@1s"], /script\[0\]\.fault\.kind/],
    [["ibkr", "--script", file(gap)], /gap is no fault of this venue/],
    [["ibkr", "--script", join(own, "none")], /--script: ENOENT/],
    [["ibkr", "--symbol", "AAPL"], /--symbol does not go with ibkr/],
    [["binance", "--port", "70000"], /--port takes a port/],
    [["binance", "--seed", "-1"], /ambiguous|--seed takes a whole number/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await here("sim", ...args);
    expect([args, code]).toEqual([args, 2]);
    expect(err).toMatch(message);
  }
  const notList = await here("sim", "ibkr", "--script", file("{}"));
  expect(notList).toMatchObject({ code: 2, err: expect.stringMatching(/JSON array/) as string });
});
