export { transportPair } from "./transport-pair.ts";
export type { TransportPairOptions } from "./transport-pair.ts";
