import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bidi } from "./bidi.js";
import type { BidiEvent } from "./bidi.js";
import type { TestBrowser, TestPage } from "./test-browser.js";

/** Where Debian's package `firefox-esr` puts it; `OATH_WS_FIREFOX` names another one. */
export const FIREFOX: string = process.env["OATH_WS_FIREFOX"] ?? "/usr/bin/firefox-esr";

/** Gives each page a `serverCall` that is answered through `serverAnswer`. */
const SERVER_CALL = `(tell) => {
  const answers = new Map();
  let calls = 0;
  globalThis.serverCall = (call) => new Promise((resolve) => {
    answers.set(++calls, resolve);
    tell(JSON.stringify([calls, call]));
  });
  globalThis.serverAnswer = (id, text) => {
    answers.get(id)(text);
    answers.delete(id);
  };
}`;

interface Evaluated {
  readonly type: "success" | "exception";
  readonly result?: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

/** Firefox without a window and with a profile of its own, by way of WebDriver BiDi. */
export class FirefoxBrowser implements TestBrowser {
  readonly #bidi: Bidi;
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #calls: Map<string, (params: string) => void>;

  static async start(): Promise<FirefoxBrowser> {
    const profile = mkdtempSync(join(tmpdir(), "oath-ws-firefox-"));
    const args = [
      "--headless",
      "--no-remote",
      "--profile",
      profile,
      "--remote-debugging-port",
      "0",
    ];
    const env = { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" };
    const child = spawn(FIREFOX, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    // A test that gives up must not leave it behind.
    process.once("exit", () => child.kill("SIGKILL"));
    const calls = new Map<string, (params: string) => void>();
    try {
      const bidi = await Bidi.start(await listening(child), (event) => told(calls, event));
      await bidi.send("session.subscribe", { events: ["script.message"] });
      return new FirefoxBrowser(bidi, child, profile, calls);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  private constructor(
    bidi: Bidi,
    child: ChildProcess,
    profile: string,
    calls: Map<string, (params: string) => void>,
  ) {
    this.#bidi = bidi;
    this.#child = child;
    this.#profile = profile;
    this.#calls = calls;
  }

  async newPage(address: string, serverCall: (call: string) => Promise<string>): Promise<TestPage> {
    // As a person in another container: Firefox dials one socket a host at a time for each.
    const { userContext } = await this.#bidi.send<{ userContext: string }>(
      "browser.createUserContext",
      {},
    );
    const { context } = await this.#bidi.send<{ context: string }>("browsingContext.create", {
      type: "tab",
      userContext,
    });
    const contexts = [context];
    const evaluate = (expression: string): Promise<unknown> => this.#evaluate(context, expression);
    this.#calls.set(context, (params) => {
      const [id, call] = JSON.parse(params) as [number, string];
      void (async () => {
        const answer = await serverCall(call);
        await evaluate(`serverAnswer(${id}, ${JSON.stringify(answer)})`);
      })();
    });
    await this.#bidi.send("script.addPreloadScript", {
      functionDeclaration: SERVER_CALL,
      arguments: [{ type: "channel", value: { channel: context } }],
      contexts,
    });
    await this.#bidi.send("browsingContext.navigate", { context, url: address, wait: "complete" });
    return {
      evaluate,
      setOffline: async (offline) => {
        const networkConditions = offline ? { type: "offline" } : null;
        await this.#bidi.send("emulation.setNetworkConditions", { networkConditions, contexts });
      },
      close: async () => {
        this.#calls.delete(context);
        await this.#bidi.send("browser.removeUserContext", { userContext });
      },
    };
  }

  async close(): Promise<void> {
    const { exitCode } = this.#child;
    const ended = exitCode === null ? once(this.#child, "exit") : Promise.resolve();
    await this.#bidi.close();
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #evaluate(context: string, expression: string): Promise<unknown> {
    const { type, result, exceptionDetails } = await this.#bidi.send<Evaluated>("script.evaluate", {
      expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
      target: { context },
      awaitPromise: true,
    });
    if (type === "exception") throw new Error(exceptionDetails?.text);
    return JSON.parse(result?.value ?? "null");
  }
}

/** Where it listens, which it says on its standard error. */
async function listening(child: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const [, url] = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Firefox ended with ${code}: ${said}`)));
  });
}

/** A page calls the test. */
function told(
  calls: ReadonlyMap<string, (params: string) => void>,
  { method, params }: BidiEvent,
): void {
  if (method !== "script.message") return;
  const { channel, data } = params as {
    readonly channel: string;
    readonly data: { readonly value: string };
  };
  calls.get(channel)?.(data.value);
}
