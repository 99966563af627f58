import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DriverError } from "./driver-error.js";
import type { DriverFacts, FromDriver, ToDriver } from "./messages.js";

const HOST = fileURLToPath(new URL("./driver-host.js", import.meta.url));

/** Loading a large library many times over on a busy machine takes its time. */
const LOAD_TIMEOUT_MS = 60_000;

/** A process that is alive answers within this. */
const ANSWER_TIMEOUT_MS = 10_000;

/** The process of a driver, seen from the parent. */
export class DriverProcess {
  readonly #child: ChildProcess;
  #facts: DriverFacts = { title: undefined, dialect: undefined, asksProvider: false, notes: {} };

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts the process and loads the module in it. Rejects with a {@link DriverError}, or with the
   * signal's reason.
   */
  static async load(path: string, signal: AbortSignal): Promise<DriverProcess> {
    signal.throwIfAborted();
    // Nothing of how the parent was started; and what clients print is not for the table. In a
    // group of its own: Ctrl-C is for the parent, and what a driver starts ends with it.
    const child = fork(HOST, [path], {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      detached: process.platform !== "win32",
    });
    const driver = new DriverProcess(child);
    try {
      driver.#facts = await driver.#next("ready", LOAD_TIMEOUT_MS, "did not load", signal);
      return driver;
    } catch (error) {
      await driver.kill();
      throw error;
    }
  }

  /** What the driver says of itself. */
  get facts(): DriverFacts {
    return this.#facts;
  }

  /** Every message from now on, and the end of the process. */
  listen(onMessage: (message: FromDriver) => void, onEnd: (how: string) => void): void {
    this.#child.on("message", onMessage);
    this.#child.once("exit", (code, signal) => onEnd(endOf(code, signal)));
  }

  /**
   * Asks, and resolves with the answer of the type; rejects with a {@link DriverError} when there
   * is none in time, or with the signal's reason.
   */
  async ask<Type extends FromDriver["type"]>(
    question: ToDriver,
    type: Type,
    signal: AbortSignal,
    timeoutMs: number = ANSWER_TIMEOUT_MS,
  ): Promise<Extract<FromDriver, { type: Type }>> {
    const answer = this.#next(type, timeoutMs, `did not answer "${question.type}"`, signal);
    this.tell(question);
    return answer;
  }

  /** Tells the driver something, if it still runs. */
  tell(message: ToDriver): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Ends the process and what it has started; resolves when it has ended. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    this.#child.removeAllListeners();
    // It never ran; the error was told already.
    if (pid === undefined) return;
    const exit = exitCode === null && signalCode === null ? once(this.#child, "exit") : undefined;
    if (process.platform === "win32") this.#child.kill("SIGKILL");
    else killGroup(pid);
    await exit;
  }

  async #next<Type extends FromDriver["type"]>(
    type: Type,
    timeoutMs: number,
    otherwise: string,
    signal: AbortSignal,
  ): Promise<Extract<FromDriver, { type: Type }>> {
    const child = this.#child;
    const over = new AbortController();
    try {
      return await new Promise((resolve, reject) => {
        const fail = (reason: string): void => reject(new DriverError(reason));
        const late = setTimeout(
          () => fail(`it ${otherwise} within ${timeoutMs / 1_000} s`),
          timeoutMs,
        );
        const seen = (message: FromDriver): void => {
          if (message.type === type) resolve(message as Extract<FromDriver, { type: Type }>);
          else if (message.type === "failed") fail(message.reason);
        };
        const gone = (code: number | null, by: string | null): void => fail(endOf(code, by));
        const broken = (error: Error): void => fail(error.message);
        const abort = (): void => reject(signal.reason as Error);
        over.signal.addEventListener("abort", () => {
          clearTimeout(late);
          child.off("message", seen).off("exit", gone).off("error", broken);
          signal.removeEventListener("abort", abort);
        });
        child.on("message", seen).on("exit", gone).on("error", broken);
        signal.addEventListener("abort", abort);
        if (child.exitCode !== null || child.signalCode !== null)
          gone(child.exitCode, child.signalCode);
      });
    } finally {
      over.abort();
    }
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // No process of it is left.
  }
}

function endOf(code: number | null, signal: string | null): string {
  return `its process ended with ${signal ?? `code ${String(code)}`}`;
}
