import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, describe, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { parseListenAddress } from "../src/local/listen-address.js";
import { refusalOf } from "../src/metrics/metrics-guard.js";
import { start } from "./support/run-cli.js";

const address = parseListenAddress("127.0.0.1:9464", "--metrics");
const OURS = { host: "127.0.0.1:9464" };

describe("who gets the metrics", () => {
  it.each([
    ["GET", "/metrics", OURS, undefined],
    ["GET", "/metrics?x=1", { host: "localhost:9464" }, undefined],
    ["GET", "/metrics", { host: "[::1]:9464" }, undefined],
    ["GET", "/metrics", { host: "venue.example:9464" }, 403],
    ["GET", "/metrics", { host: "127.0.0.1.venue.example:9464" }, 403],
    ["GET", "/metrics", { host: "127.0.0.1:9465" }, 403],
    ["GET", "/metrics", { host: "127.0.0.1" }, 403],
    ["GET", "/metrics", {}, 403],
    ["GET", "/metrics", { ...OURS, origin: "http://venue.example" }, 403],
    ["GET", "/metrics", { ...OURS, origin: "null" }, 403],
    ["POST", "/metrics", OURS, 405],
    ["GET", "/", OURS, 404],
  ])("%s %s with %j", (method, url, headers, status) => {
    const guard = { address, port: 9464, token: undefined };
    expect(refusalOf({ method, url, headers }, guard)?.status).toBe(status);
  });

  it.each([
    [{ authorization: "Bearer 0123456789abcdef" }, undefined],
    [{ authorization: "Bearer 0123456789abcdeF" }, 401],
    [{ authorization: "0123456789abcdef" }, 401],
    [{}, 401],
    [{ authorization: "Bearer 0123456789abcdef", origin: "http://venue.example" }, 403],
  ])("off loopback the token decides, and no Origin is let in: %j", (headers, status) => {
    const guard = {
      address: parseListenAddress("0.0.0.0:9464", "--metrics"),
      port: 9464,
      token: "0123456789abcdef",
    };
    const asked = { method: "GET", url: "/metrics", headers: { host: "box:9464", ...headers } };
    expect(refusalOf(asked, guard)?.status).toBe(status);
  });

  it.each([
    ["127.0.0.1:9464", true],
    ["127.9.9.9:1", true],
    ["localhost:0", true],
    ["[::1]:9464", true],
    ["0.0.0.0:9464", false],
    ["[::]:9464", false],
    ["127.venue.example:9464", false],
    ["10.0.0.1:9464", false],
  ])("%s is on loopback: %s", (text, isLoopback) => {
    expect(parseListenAddress(text, "--metrics").isLoopback).toBe(isLoopback);
  });
});

async function get(url: string, headers: Readonly<Record<string, string>>) {
  const asked = request(url, { headers }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return { status: response.statusCode, text };
}

it("tail serves metrics with a token, and no secret of its command line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-metrics-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, "canary-token-0123\n");
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on("connection", (socket) => socket.send("canary-frame"));
  const { port } = server.address() as AddressInfo;
  const running = start(
    "tail",
    `ws://canary-user:canary-password@127.0.0.1:${port}/canary-path?key=canary-query`,
    ...["--header", "x-key: canary-header", "--json"],
    ...["--metrics", "127.0.0.1:0", "--metrics-token", tokenFile],
  );
  await running.seen(/"type":"frame"/);
  const [, url = ""] = /metrics at (\S+)/.exec(running.err) ?? [];
  const refused = await get(url, {});
  const foreign = await get(url, { authorization: "Bearer canary-token-0123", host: "a.example" });
  expect([refused.status, foreign.status]).toEqual([401, 403]);
  const { status, text } = await get(url, { authorization: "Bearer canary-token-0123" });
  running.interrupt();
  const { code, err } = await running.ended;
  expect([status, code]).toEqual([200, 0]);
  expect(text).toMatch(
    new RegExp(
      `^oath_ws_connection_received_frames_total\\{oath_ws_connection="127\\.0\\.0\\.1:${port}",` +
        `oath_ws_endpoint="ws://127\\.0\\.0\\.1:${port}"\\} 1$`,
      "m",
    ),
  );
  expect(err).toBe(`oath-ws: metrics at ${url}\n`);
  expect(refused.text + foreign.text + text + err).not.toContain("canary");
});

it("tail of a venue serves the states of its streams", async () => {
  const running = start(
    ...["tail", "--venue", "binance", "trades:BTCUSDT,book:BTCUSDT", "--sim", "--json"],
    ...["--metrics", "127.0.0.1:0"],
  );
  await running.seen(/"type":"event"/);
  const [, url = ""] = /metrics at (\S+)/.exec(running.err) ?? [];
  const { text } = await get(url, {});
  running.interrupt();
  expect((await running.ended).code).toBe(0);
  const topics = text.split("\n").filter((line) => line.startsWith("oath_ws_feed_topics{"));
  expect(topics.join("\n")).toMatch(
    /oath_ws_venue="binance",oath_ws_feed_kind="topic",oath_ws_phase="(subscribing|live)"\} 1$/m,
  );
  expect(text).toMatch(/oath_ws_feed_kind="book",oath_ws_phase="\w+"\} 1$/m);
});
