import { describe, expect, it } from "vitest";
import { FakeRest } from "../support/fake-rest.js";

const WANTED = "another login is active, compete is required";
const INIT = "/iserver/auth/ssodh/init";
const HELD = { passed: false, authenticated: false, connected: true, competing: false };

async function end(rest: FakeRest, keeper: { shutdown(): Promise<void> }): Promise<void> {
  await rest.world.complete(keeper.shutdown());
  expect(rest.world.timer.pendingCount).toBe(0);
}

describe("what the venue says is wrong with the session is shown", () => {
  it.each(["/iserver/auth/status", "/sso/validate"])("of %s, after ssodh/init", async (where) => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    rest.status = { authenticated: false };
    rest.answer = ({ path }) => {
      if (path === INIT) return { body: HELD };
      return path === where ? { body: { authenticated: false, fail: WANTED } } : undefined;
    };
    keeper.check();
    await rest.world.run(5_000);
    expect(keeper.state.snapshot).toMatchObject({
      phase: "competing",
      fail: WANTED,
      cause: { code: "SESSION_COMPETING" },
    });
    expect(keeper.state.snapshot.cause?.message).toContain(WANTED);
    rest.answer = () => undefined;
    rest.status = { authenticated: true };
    keeper.check();
    await rest.world.run(5_000);
    expect(keeper.state.snapshot).toMatchObject({ phase: "ready", fail: undefined });
    await end(rest, keeper);
  });

  it("of /tickle and of the stream, and of what the caller asks", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    rest.status = { authenticated: false, fail: WANTED };
    rest.answer = ({ path }) => (path === INIT ? { body: HELD } : undefined);
    keeper.check();
    await rest.world.run(5_000);
    expect(keeper.state.snapshot.fail).toBe(WANTED);
    // It was said already: nothing more is asked for it.
    expect(rest.times("/sso/validate")).toEqual([]);
    keeper.observe({ authenticated: false, fail: "later" });
    expect(keeper.state.snapshot.fail).toBe("later");
    rest.answer = ({ path }) => (path === "/sso/validate" ? { body: { fail: "last" } } : undefined);
    await rest.world.complete(keeper.request({ method: "GET", path: "/sso/validate" }));
    expect(keeper.state.snapshot.fail).toBe("last");
    await end(rest, keeper);
  });

  it("without what may be a secret in it", async () => {
    const rest = new FakeRest();
    const keeper = rest.keeper();
    rest.status = { authenticated: false, fail: "no 0123456789abcdef0123456789abcdef here" };
    keeper.check();
    await rest.world.run(1_000);
    expect(keeper.state.snapshot.fail).toBe("no (...) here");
    await end(rest, keeper);
  });
});
