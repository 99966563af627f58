import type { WsError } from "@oath-ws/contract";
import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import type { JwtSigner } from "../../src/auth/jwt-signer.js";
import { MessageBudget } from "../../src/feed/message-budget.js";
import { Voice } from "../../src/feed/voice.js";
import type { VoiceParts } from "../../src/feed/voice.js";

const TICKER = { type: "subscribe", channel: "ticker", product_ids: ["BTC-USD"] } as const;
const USER = { type: "subscribe", channel: "user" } as const;

/** A voice whose connection notes what is sent. */
function rig(parts: Partial<VoiceParts> = {}): {
  readonly voice: Voice;
  readonly timer: VirtualTimer;
  readonly sent: string[];
  readonly faults: WsError[];
} {
  const timer = new VirtualTimer();
  const sent: string[] = [];
  const faults: WsError[] = [];
  const voice = new Voice({
    sink: {
      send: (frame) => {
        sent.push(typeof frame === "string" ? frame : "no text");
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    timer,
    budget: new MessageBudget(),
    signer: undefined,
    epoch: () => 1,
    onSignFault: (error) => faults.push(error),
    ...parts,
  });
  return { voice, timer, sent, faults };
}

/** A signer whose first signature never comes. */
function hanging(): JwtSigner {
  let calls = 0;
  return {
    algorithm: "EdDSA",
    keyName: "k",
    sign: () => (calls++ === 0 ? new Promise<Uint8Array>(() => undefined) : new Uint8Array(64)),
    nonce: () => "00",
  };
}

/** Everything that waits for promises only has its turn. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a signer that never answers", () => {
  it("is told as a fault, and holds up nobody for longer than ten seconds", async () => {
    const { voice, timer, sent, faults } = rig({ signer: hanging() });
    const first = expect(voice.say([TICKER])).rejects.toMatchObject({
      code: "SIGN_FAULT",
      cause: { code: "SIGN_TIMEOUT" },
    });
    const second = voice.say([USER]);
    await settled();
    timer.advance(9_999);
    await settled();
    expect(sent).toEqual([]);
    timer.advance(1);
    await first;
    await second;
    expect(sent.map((text) => JSON.parse(text) as object)).toMatchObject([
      { channel: "user", jwt: expect.any(String) as string },
    ]);
    expect(faults).toMatchObject([{ code: "SIGN_FAULT" }]);
    expect(timer.pendingCount).toBe(0);
  });

  it("does not keep a voice from stopping at once, without a fault", async () => {
    const { voice, timer, sent, faults } = rig({ signer: hanging() });
    const said = expect(voice.say([TICKER])).rejects.toMatchObject({ code: "SHUT_DOWN" });
    await settled();
    voice.stop();
    await said;
    expect([sent, faults, timer.pendingCount]).toEqual([[], [], 0]);
  });
});

describe("requests of a connection that has ended", () => {
  it("are not sent, and cost the next one no budget", async () => {
    const budget = new MessageBudget({ max: 1, windowMs: 1_000 });
    const { voice, timer, sent } = rig({ budget, epoch: () => 2 });
    const old = expect(voice.say([TICKER, TICKER, TICKER], { epoch: 1 })).rejects.toMatchObject({
      code: "EPOCH_ENDED",
    });
    await voice.say([USER], { epoch: 2 });
    await old;
    expect(sent).toEqual([JSON.stringify(USER)]);
    expect(timer.now()).toBe(0);
  });
});

describe("requests", () => {
  it("are messages of their own, in order, within the budget", async () => {
    const { voice, timer, sent } = rig({ budget: new MessageBudget({ max: 1, windowMs: 1_000 }) });
    const said = voice.say([TICKER, USER]);
    await settled();
    expect(sent).toEqual([JSON.stringify(TICKER)]);
    timer.advance(1_000);
    await said;
    expect(sent).toEqual([TICKER, USER].map((request) => JSON.stringify(request)));
  });
});

it("waits for the address's budget no longer than the machine slept, and as long as its wall clock lies", async () => {
  const budget = new MessageBudget();
  const { voice, timer, sent } = rig({ budget });
  for (let i = 0; i < 6; i++) budget.refused(i * 60_000);
  const blockedMs = budget.waitMs(300_000);
  timer.advance(300_000);
  const said = voice.say([TICKER]);
  await settled();
  timer.stepWall(3_600_000);
  timer.advance(5_000);
  await settled();
  expect([blockedMs, sent.length]).toEqual([30_000, 0]);
  timer.sleep(3_600_000);
  timer.advance(5_000);
  await said;
  expect(sent).toHaveLength(1);
});
