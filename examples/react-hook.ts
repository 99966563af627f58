// A React hook over a connection. The component renders again when the phase or the epoch changes.
import { useSyncExternalStore, createElement } from "react";
import type { ReactElement } from "react";
import type { LifecycleSnapshot, ReconnectingConnection } from "oath-ws";

/** The connection's state. A snapshot is the same object until a field changes, as React wants. */
export function useLifecycle({ lifecycle }: ReconnectingConnection): LifecycleSnapshot {
  return useSyncExternalStore(
    (changed) => lifecycle.subscribe(changed),
    () => lifecycle.snapshot,
  );
}

/** A line for the head of a trading screen. */
export function FeedStatus(props: { readonly feed: ReconnectingConnection }): ReactElement {
  const { phase, epoch, cause } = useLifecycle(props.feed);
  const isUp = phase === "connected" || phase === "resumed";
  const text = isUp ? `${phase}, epoch ${epoch}` : `${phase}: ${cause?.code ?? "no error"}`;
  return createElement("p", { className: isUp ? "up" : "down" }, text);
}
