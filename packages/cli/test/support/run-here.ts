import { onTestFinished, vi } from "vitest";
import { main } from "../../src/main.js";
import type { Run } from "./run-cli.js";

/** The command without a process of its own, which costs more than all that it does here. */
export async function here(...args: readonly string[]): Promise<Run> {
  let out = "";
  let err = "";
  const before = process.stdout.listeners("error");
  const [stdout, stderr] = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true)),
  ];
  const restore = (): void => {
    stdout.mockRestore();
    stderr.mockRestore();
    // The command never stops listening for them, since its process ends.
    for (const listener of process.stdout.listeners("error") as (() => void)[])
      if (!before.includes(listener)) process.stdout.off("error", listener);
  };
  onTestFinished(restore);
  const code = await main(args);
  restore();
  return { code, out, err };
}
