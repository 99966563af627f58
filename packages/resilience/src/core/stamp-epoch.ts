import type { WsError } from "@oath-ws/contract";

/**
 * Notes the epoch that an error belongs to. A leaf's error may be frozen, or have an epoch already;
 * that must not matter.
 */
export function stampEpoch(error: WsError, epoch: number): void {
  if (error.epoch === undefined && Object.isExtensible(error)) error.epoch = epoch;
}
