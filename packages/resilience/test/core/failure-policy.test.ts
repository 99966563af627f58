import type { Classify, ClassifyContext, Verdict } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { blameAuthSource } from "../../src/core/blame.js";
import { FailurePolicy } from "../../src/core/failure-policy.js";
import type { TraceDetail } from "../../src/core/trace.js";
import type { FailureLimits } from "../../src/core/failure-policy.js";
import { authFailure, failure } from "../support/failures.js";

const STABLE_MS = 10_000;

class Judge implements Classify {
  verdict: Verdict = "transient";
  readonly contexts: ClassifyContext[] = [];

  classify(_: unknown, context: ClassifyContext): Verdict {
    this.contexts.push(context);
    return this.verdict;
  }
}

interface Limits {
  readonly permanentRetries?: number;
  readonly permanentForMs?: number | false;
  readonly maxAttempts?: number | undefined;
  readonly stableAfterMs?: number;
}

function limitsOf({
  permanentRetries = 2,
  permanentForMs = 900_000,
  maxAttempts,
  stableAfterMs = STABLE_MS,
}: Limits): FailureLimits {
  return {
    attempts: { permanentRetries, permanentForMs, maxAttempts },
    backoff: { stableAfterMs },
  };
}

function policyOf(limits: Limits = {}): { policy: FailurePolicy; judge: Judge; faults: unknown[] } {
  const judge = new Judge();
  const faults: unknown[] = [];
  const policy = new FailurePolicy(limitsOf(limits), judge, (event) => faults.push(event));
  return { policy, judge, faults };
}

function judgements(policy: FailurePolicy, count: number): string[] {
  return Array.from({ length: count }, () => policy.failed(failure(), 0).judgement);
}

describe("FailurePolicy, transient failures", () => {
  it("retries them for ever", () => {
    const { policy } = policyOf();
    expect(new Set(judgements(policy, 10_000))).toEqual(new Set(["retry"]));
    expect(policy.inARow).toBe(10_000);
  });

  it("tells classify how many there were in a row, this one included, and whether it was ever up", () => {
    const { policy, judge } = policyOf();
    judgements(policy, 2);
    policy.opened(0);
    judgements(policy, 1);
    expect(judge.contexts).toEqual([
      { everConnected: false, consecutiveFailures: 1 },
      { everConnected: false, consecutiveFailures: 2 },
      { everConnected: true, consecutiveFailures: 3 },
    ]);
  });
});

describe("FailurePolicy, permanent failures", () => {
  it("retries as often as permanentRetries says, then gives up", () => {
    const { policy, judge } = policyOf();
    judge.verdict = "permanent";
    expect(judgements(policy, 4)).toEqual(["retry", "retry", "giveUp", "giveUp"]);
  });

  it("gives up on the first with permanentRetries 0", () => {
    const { policy, judge } = policyOf({ permanentRetries: 0 });
    judge.verdict = "permanent";
    expect(policy.failed(failure(), 0)).toMatchObject({
      verdict: "permanent",
      judgement: "giveUp",
    });
  });

  it("counts them in a row: a transient one between them does not end the row", () => {
    const { policy, judge } = policyOf();
    judge.verdict = "permanent";
    judgements(policy, 2);
    judge.verdict = "transient";
    expect(judgements(policy, 5)).toEqual(Array(5).fill("retry"));
    judge.verdict = "permanent";
    expect(judgements(policy, 1)).toEqual(["giveUp"]);
  });

  it("ends the row with a connection that proved itself and did not end in one", () => {
    const { policy, judge } = policyOf();
    judge.verdict = "permanent";
    judgements(policy, 2);
    policy.opened(0);
    judge.verdict = "transient";
    policy.failed(failure(), STABLE_MS);
    judge.verdict = "permanent";
    expect(judgements(policy, 3)).toEqual(["retry", "retry", "giveUp"]);
  });

  it("gives up on a close that is permanent each time, however long the connections lasted", () => {
    const { policy, judge } = policyOf();
    judge.verdict = "permanent";
    const closed = failure({ code: "PEER_CLOSED", close: { code: 4_001, reason: "" } });
    const judged = [0, 1, 2].map((n) => {
      policy.opened(n * 2 * STABLE_MS);
      return policy.failed(closed, n * 2 * STABLE_MS + STABLE_MS).judgement;
    });
    expect(judged).toEqual(["retry", "retry", "giveUp"]);
  });

  it("spaces the tries by a minute once permanentRetries are used up", () => {
    const { policy, judge } = policyOf();
    judge.verdict = "permanent";
    policy.opened(0);
    const pauses = [1, 2, 3, 4].map((n) => {
      policy.failed(authFailure(), n);
      return policy.pauseMs;
    });
    expect(pauses).toEqual([0, 0, 60_000, 60_000]);
  });
});

describe("FailurePolicy, refused credentials of a connection that has been up", () => {
  const FOR_MS = 900_000;

  function upOnce(limits?: Limits): FailurePolicy {
    const { policy, judge } = policyOf(limits);
    judge.verdict = "permanent";
    policy.opened(0);
    policy.released(STABLE_MS);
    return policy;
  }

  it.each([
    ["401", authFailure()],
    ["403", authFailure({ kind: "client", status: 403 })],
    ["407", authFailure({ kind: "proxy", status: 407 })],
    ["an AuthSource", blameAuthSource(failure({ kind: "auth", code: "AUTH_FAILED" }))],
  ])("end it by tries and by time: %s", (_, refusal) => {
    const policy = upOnce();
    const at = 50_000;
    for (let n = 0; n < 20; n++)
      expect(policy.failed(refusal, at + n * 1_000).judgement).toBe("retry");
    expect([policy.refusedSince, policy.givesUpAt]).toEqual([at, at + FOR_MS]);
    expect(policy.failed(refusal, at + FOR_MS - 1).judgement).toBe("retry");
    expect(policy.failed(refusal, at + FOR_MS).judgement).toBe("giveUp");
  });

  it("need the tries as well: one that is alone after a long time is retried", () => {
    const policy = upOnce();
    policy.failed(authFailure(), 0);
    expect(policy.failed(authFailure(), FOR_MS).judgement).toBe("retry");
    expect(policy.failed(authFailure(), FOR_MS + 1).judgement).toBe("giveUp");
  });

  it("are no try where they say when to come back, but their time counts", () => {
    const policy = upOnce();
    const later = authFailure({ retryAfterMs: 1_000 });
    for (let n = 0; n < 50; n++) policy.failed(later, n * 60_000);
    expect(policy.refusedSince).toBe(0);
    const judged = [1, 2, 3].map((n) => policy.failed(authFailure(), FOR_MS * 10 + n).judgement);
    expect(judged).toEqual(["retry", "retry", "giveUp"]);
  });

  it("end it by tries alone with permanentForMs: false", () => {
    const policy = upOnce({ permanentForMs: false });
    const judged = [1, 2, 3].map((n) => policy.failed(authFailure(), n).judgement);
    expect(judged).toEqual(["retry", "retry", "giveUp"]);
    expect(policy.givesUpAt).toBeUndefined();
  });

  it("end it by tries alone before the first connection, and for close codes", () => {
    const { policy, judge } = policyOf();
    judge.verdict = "permanent";
    const judged = [1, 2, 3].map((n) => policy.failed(authFailure(), n).judgement);
    expect(judged).toEqual(["retry", "retry", "giveUp"]);
    const closed = failure({ code: "PEER_CLOSED", close: { code: 4_001, reason: "" } });
    const up = upOnce();
    expect([1, 2, 3].map((n) => up.failed(closed, n).judgement)).toEqual([
      "retry",
      "retry",
      "giveUp",
    ]);
  });

  it("are forgotten after a connection that proved itself", () => {
    const policy = upOnce();
    for (let n = 0; n < 3; n++) policy.failed(authFailure(), n);
    policy.opened(100);
    policy.released(100 + STABLE_MS);
    expect([policy.refusedSince, policy.givesUpAt, policy.pauseMs]).toEqual([
      undefined,
      undefined,
      0,
    ]);
  });
});

describe("FailurePolicy, connections", () => {
  it("starts the count again only after a connection that lasted stableAfterMs", () => {
    const { policy } = policyOf();
    judgements(policy, 4);
    policy.opened(1_000);
    policy.failed(failure(), 1_000 + STABLE_MS - 1);
    expect(policy.inARow).toBe(5);
    policy.opened(50_000);
    policy.failed(failure(), 50_000 + STABLE_MS);
    expect(policy.inARow).toBe(1);
  });

  it("does not count a connection given up on purpose as a failure", () => {
    const { policy } = policyOf();
    judgements(policy, 4);
    policy.opened(0);
    policy.released(STABLE_MS - 1);
    expect(policy.inARow).toBe(4);
    policy.opened(0);
    policy.released(STABLE_MS);
    expect(policy.inARow).toBe(0);
  });

  it("does not let a long wait between attempts pass for a stable connection", () => {
    const { policy } = policyOf();
    policy.opened(0);
    policy.failed(failure(), 1);
    policy.failed(failure(), 10 * STABLE_MS);
    expect(policy.inARow).toBe(2);
  });
});

describe("FailurePolicy, maxAttempts", () => {
  it("stops after so many failed attempts in a row", () => {
    const { policy } = policyOf({ maxAttempts: 3 });
    expect(judgements(policy, 3)).toEqual(["retry", "retry", "exhaust"]);
  });

  it("counts a connection that never proved itself as a failed attempt", () => {
    const { policy } = policyOf({ maxAttempts: 2 });
    policy.opened(0);
    expect(policy.failed(failure(), 1).judgement).toBe("retry");
    policy.opened(100);
    expect(policy.failed(failure(), 101).judgement).toBe("exhaust");
  });

  it("does not count the loss of a proven connection as a failed attempt", () => {
    const { policy } = policyOf({ maxAttempts: 1 });
    policy.opened(0);
    expect(policy.failed(failure(), STABLE_MS).judgement).toBe("retry");
    expect(policy.failed(failure(), STABLE_MS).judgement).toBe("exhaust");
  });

  it("calls a permanent failure permanent, also when the attempts run out with it", () => {
    const { policy, judge } = policyOf({ maxAttempts: 1, permanentRetries: 0 });
    judge.verdict = "permanent";
    expect(policy.failed(failure(), 0).judgement).toBe("giveUp");
  });
});

describe("FailurePolicy, a broken classify", () => {
  it.each([
    [
      "throws",
      () => {
        throw new Error("policy bug");
      },
    ],
    ["returns nothing", () => undefined],
    ["returns something else", () => "fatal"],
  ])("that %s is reported and counts as transient", (_, classify) => {
    const faults: TraceDetail[] = [];
    const limits = limitsOf({ permanentRetries: 0, stableAfterMs: 0 });
    const policy = new FailurePolicy(limits, { classify } as unknown as Classify, (event) =>
      faults.push(event),
    );
    expect(policy.failed(failure(), 7)).toMatchObject({ verdict: "transient", judgement: "retry" });
    expect(faults).toEqual([
      { kind: "fault", at: 7, where: "classify", error: expect.any(Error) as unknown },
    ]);
  });
});
