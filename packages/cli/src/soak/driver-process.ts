import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DriverError } from "./driver-error.js";
import type { DriverFacts, FromDriver, ToDriver } from "./messages.js";

const HOST = fileURLToPath(new URL("./driver-host.js", import.meta.url));

/** Loading a large library many times over on a busy machine takes its time. */
const LOAD_TIMEOUT_MS = 60_000;

/** The process of a driver, seen from the parent. */
export class DriverProcess {
  readonly facts: DriverFacts;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, facts: DriverFacts) {
    this.#child = child;
    this.facts = facts;
  }

  /** Starts the process and loads the module in it. Rejects with a {@link DriverError}. */
  static async load(path: string): Promise<DriverProcess> {
    // Nothing of how the parent was started; and what clients print is not for the table.
    const child = fork(HOST, [path], { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const exit = once(child, "exit");
    try {
      const facts = await new Promise<DriverFacts>((resolve, reject) => {
        const timer = setTimeout(() => reject(new DriverError("it did not load in time")), LOAD_TIMEOUT_MS);
        child.once("message", (message: FromDriver) => {
          clearTimeout(timer);
          if (message.type === "ready") resolve(message);
          else reject(new DriverError(message.type === "failed" ? message.reason : "it reported before it was loaded"));
        });
        child.once("exit", (code, signal) => {
          clearTimeout(timer);
          reject(new DriverError(`its process ended with ${signal ?? `code ${String(code)}`}`));
        });
        child.once("error", reject);
      });
      return new DriverProcess(child, facts);
    } catch (error) {
      child.kill("SIGKILL");
      await exit;
      throw error;
    }
  }

  /** Every message from now on, and the end of the process, which is told as one that nobody handled. */
  listen(listener: (message: FromDriver) => void): void {
    this.#child.on("message", listener);
    this.#child.once("exit", (code, signal) => {
      listener({ type: "unhandled", detail: `the process ended with ${signal ?? `code ${String(code)}`}` });
    });
  }

  /** Resolves with the next message that is asked for; rejects with a {@link DriverError} when the process ends before. */
  async answer(type: FromDriver["type"], question: ToDriver): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      const over = (error?: Error): void => {
        this.#child.off("message", seen).off("exit", gone);
        if (error === undefined) resolve();
        else reject(error);
      };
      const seen = (message: FromDriver): void => {
        if (message.type === type) over();
      };
      const gone = (): void => over(new DriverError("its process ended"));
      this.#child.on("message", seen).on("exit", gone);
      if (!this.#child.connected) gone();
    });
    this.tell(question);
    await answered;
  }

  /** Tells the driver something, if there is still somebody to tell. */
  tell(message: ToDriver): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Ends the process; resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.removeAllListeners();
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}
