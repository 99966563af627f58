export type { ConformanceCase, ConformanceOutcome } from "./conformance/case.js";
export type {
  ConformanceCapabilities,
  ConformanceHarness,
  ConformancePeer,
  ConformanceRequest,
  ConformanceServer,
  PeerBehaviour,
} from "./conformance/harness.js";
export { connectorConformance } from "./connector-conformance.js";
export { accept, acceptThenClose, acceptWith, hang, refuse } from "./dial-step.js";
export type { AcceptStep, DialStep, HangStep, RefuseStep } from "./dial-step.js";
export { LeafRecorder } from "./leaf-recorder.js";
export type { LeafEnd, LeafEventName } from "./leaf-recorder.js";
export { ManualSpawn } from "./manual-spawn.js";
export type { ManualSpawnOptions } from "./manual-spawn.js";
export { MockConnector } from "./mock-connector.js";
export type { DialAnswer, MockConnectorOptions, MockDial, MockRuntime } from "./mock-connector.js";
export type { RefusalInit } from "./mock-errors.js";
export { mockHarness } from "./mock-harness.js";
export type { MockHarnessOptions } from "./mock-harness.js";
export type { MockPeer, MockReceived } from "./mock-peer.js";
export type { HostTimer } from "./network/host-timer.js";
export { DEFAULT_LINK_SETTINGS } from "./network/link-settings.js";
export type { LinkSettings } from "./network/link-settings.js";
export type { NetworkError } from "./network/network-error.js";
export type { Direction, NetworkEvent } from "./network/network-event.js";
export type { VirtualConnection } from "./network/virtual-connection.js";
export type { End } from "./network/virtual-connection.js";
export type { VirtualHost } from "./network/virtual-host.js";
export type { VirtualLink } from "./network/virtual-link.js";
export { VirtualNetwork } from "./network/virtual-network.js";
export type { NetworkWorld } from "./network/virtual-network.js";
export type { NetworkTimer } from "./network-timer.js";
export { SeededRandom } from "./seeded-random.js";
export { VirtualTimer } from "./virtual-timer.js";
export type { VirtualTimerOptions } from "./virtual-timer.js";
export { createWorld } from "./world.js";
export type { World, WorldOptions } from "./world.js";
