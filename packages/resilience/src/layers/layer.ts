import type { WsConnector } from "@oath-ws/contract";

/** Wraps a connector in another one that does one thing more. */
export type Layer = (inner: WsConnector) => WsConnector;

/**
 * Applies layers around a leaf, the first one outermost: `compose(leaf, a, b)` connects through a,
 * then b, then the leaf.
 */
export function compose(leaf: WsConnector, ...layers: readonly Layer[]): WsConnector {
  return layers.reduceRight((inner, layer) => layer(inner), leaf);
}
