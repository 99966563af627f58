import { Session } from "node:inspector";
import type { HeapProfiler } from "node:inspector";
import { basename } from "node:path";
import type { AllocationSite } from "../../protocol.js";
import type { Probe } from "./span-meter.js";

/** Bytes between two samples: fewer than any object has, so every allocation is one. */
const EVERY_OBJECT = 1;

/**
 * V8's sampling heap profiler, told to sample everything: every object, with the function that
 * allocated it.
 */
export class ObjectsProbe implements Probe<AllocationSite[]> {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
  }

  start(): void {
    this.#session.post("HeapProfiler.startSampling", {
      samplingInterval: EVERY_OBJECT,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as HeapProfiler.StartSamplingParameterType);
  }

  stop(): AllocationSite[] {
    let profile: HeapProfiler.SamplingHeapProfile | undefined;
    // The session lives in this thread, so the answer is there when the call returns.
    this.#session.post("HeapProfiler.stopSampling", (error, answer) => {
      if (error !== null) throw error;
      profile = answer.profile;
    });
    this.#session.disconnect();
    return profile === undefined ? [] : sitesOf(profile as SampledProfile);
  }
}

/** What the typings of Node 20 leave out of the protocol. */
interface SampledNode extends HeapProfiler.SamplingHeapProfileNode {
  readonly id: number;
  readonly children: SampledNode[];
}

interface SampledProfile {
  readonly head: SampledNode;
  readonly samples: readonly { readonly size: number; readonly nodeId: number }[];
}

/** Objects and bytes by allocating function, whatever called it, the most objects first. */
function sitesOf({ head, samples }: SampledProfile): AllocationSite[] {
  const names = new Map<number, string>();
  const visit = ({ id, callFrame, children }: SampledNode): void => {
    const { functionName, url, lineNumber } = callFrame;
    const file = url === "" ? "" : `${basename(url)}:${lineNumber + 1}`;
    names.set(id, [functionName === "" ? "(anonymous)" : functionName, file].join(" ").trim());
    children.forEach(visit);
  };
  visit(head);
  const sites = new Map<string, { objects: number; bytes: number }>();
  for (const { size, nodeId } of samples) {
    const where = names.get(nodeId) ?? "?";
    const site = sites.get(where) ?? { objects: 0, bytes: 0 };
    site.objects++;
    site.bytes += size;
    sites.set(where, site);
  }
  return [...sites]
    .map(([where, site]) => ({ where, ...site }))
    .toSorted((a, b) => b.objects - a.objects);
}
