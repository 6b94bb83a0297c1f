export { transportPair } from "./transport-pair.ts";
export type { TransportPairOptions } from "./transport-pair.ts";
export { ScriptedPeer, ScriptError } from "./scripted-peer.ts";
export type { Expected, ScriptedPeerOptions } from "./scripted-peer.ts";
export { lines } from "./codec.ts";
export type { Codec } from "./codec.ts";
export { seededRandom } from "./random.ts";
export type { Random } from "./random.ts";
