import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Audit } from "./audit.js";
import type { Command, OwnerNews, OwnerOrder, ReaderNews, ReaderOrder } from "./messages.js";

/** The build, whether this file runs from it or from the sources. */
const BUILD = new URL("../dist/", import.meta.url);

function start(name: string, order: object): ChildProcess {
  const file = fileURLToPath(new URL(`${name}.js`, BUILD));
  const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
  return fork(file, [JSON.stringify(order)], { stdio: [...stdio] });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** A relay in a process of its own. */
export class OwnerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  news: OwnerNews | undefined;
  maxMemoryBytes = 0;

  constructor(order: OwnerOrder) {
    this.#child = start("owner-process", order);
    this.#child.on("message", (news: OwnerNews) => {
      this.news = news;
      this.maxMemoryBytes = Math.max(this.maxMemoryBytes, news.memoryBytes);
    });
  }

  get isOwner(): boolean {
    return this.news?.snapshot.state === "owning";
  }

  order(command: Command): void {
    this.#child.send(command);
  }

  kill(): Promise<void> {
    this.news = undefined;
    return killed(this.#child);
  }

  /** SIGSTOP and SIGCONT. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.goOn();
    await this.kill();
  }
}

/** A reader in a process of its own, and what it was handed over all its lives. */
export class ReaderProcess implements AsyncDisposable {
  readonly audit: Audit = new Audit();
  #child: ChildProcess;
  #order: ReaderOrder;
  news: ReaderNews | undefined;
  /** When its line was found to be stale, in milliseconds. */
  staleAt: number | undefined;
  maxLagged = 0;
  repeated = 0;

  constructor(order: ReaderOrder) {
    this.#order = order;
    this.#child = this.#begin(order);
  }

  get hasBegun(): boolean {
    return this.audit.count(new Map()).delivered > 0;
  }

  /** Its wall clock is set by so much. */
  step(stepMs: number): void {
    this.#child.send({ stepMs } satisfies Command);
  }

  /** SIGKILL; another process goes on at the last place that is known here. */
  async restart(): Promise<void> {
    await killed(this.#child);
    this.#order = { ...this.#order, after: this.news?.position };
    this.#child = this.#begin(this.#order);
  }

  /** From now on it reads as fast as it can: the same process cannot, another goes on. */
  async hurry(): Promise<void> {
    this.#order = { ...this.#order, pauseMs: 10 };
    await this.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await killed(this.#child);
  }

  #begin(order: ReaderOrder): ChildProcess {
    const child = start("reader-process", order);
    child.on("message", (news: ReaderNews) => {
      this.news = news;
      this.audit.take(news);
      this.maxLagged = Math.max(this.maxLagged, news.totalLagged);
      this.repeated = Math.max(this.repeated, news.repeated);
      if (news.phase === "stale") this.staleAt ??= performance.now();
    });
    return child;
  }
}
