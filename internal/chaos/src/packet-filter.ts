import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What becomes of the packets between the client and the proxy. */
export const PACKET_FATES = ["drop", "dropUp", "dropDown", "reset", "unreachable", "loss"] as const;
export type PacketFate = (typeof PACKET_FATES)[number];

/**
 * The ends of `iptables -A INPUT` for each; `PORT` is the proxy's, `SHARE` the part that is lost.
 * All packets of loopback come in that way.
 */
const RULES: Readonly<Record<PacketFate, readonly string[]>> = {
  // Neither side is told: connections are half-open on both sides.
  drop: ["--dport PORT -j DROP", "--sport PORT -j DROP"],
  // What the client sends gets lost, what it is sent arrives; and the other way round.
  dropUp: ["--dport PORT -j DROP"],
  dropDown: ["--sport PORT -j DROP"],
  // A firewall that has forgotten the connection, or a host that has been started again.
  reset: ["--dport PORT -j REJECT --reject-with tcp-reset"],
  // A router without a way: a dial fails at once, an open connection lives on and goes on trying.
  unreachable: ["--dport PORT -j REJECT --reject-with icmp-host-unreachable"],
  loss: [
    "--dport PORT -m statistic --mode random --probability SHARE -j DROP",
    "--sport PORT -m statistic --mode random --probability SHARE -j DROP",
  ],
};

/**
 * Rules in the kernel of this network namespace. It must be of our own: `lift` throws away whatever
 * rules there are.
 */
export class PacketFilter {
  /** Packets that a rule did not let through, by fate. */
  readonly hits: Readonly<Record<string, number>> = {};
  readonly #port: number;
  #fate: PacketFate | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Replaces what was there before. `share`, from 0 to 1, is for `loss`. */
  async apply(fate: PacketFate, share: number): Promise<void> {
    await this.lift();
    this.#fate = fate;
    for (const rule of RULES[fate]) {
      const words = rule
        .replace("PORT", String(this.#port))
        .replace("SHARE", String(share))
        .split(" ");
      await iptables("-A", "INPUT", "-p", "tcp", ...words);
    }
  }

  /** All packets arrive again. */
  async lift(): Promise<void> {
    if (this.#fate === undefined) return;
    const listed = await iptables("-L", "INPUT", "-v", "-x", "-n");
    await iptables("-F", "INPUT");
    const { hits } = this as { hits: Record<string, number> };
    hits[this.#fate] = (hits[this.#fate] ?? 0) + packetsOf(listed);
    this.#fate = undefined;
  }
}

async function iptables(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("iptables", ["-w", ...args]);
  return stdout;
}

/** Adds up the first column of the rules, below two lines of headings. */
function packetsOf(listed: string): number {
  const rules = listed.trimEnd().split("\n").slice(2);
  return rules.reduce((sum, line) => sum + Number(line.trim().split(/\s+/, 1)[0]), 0);
}
