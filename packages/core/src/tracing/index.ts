export { openTelemetry } from "./open-telemetry.ts";
export type { Tracer } from "./open-telemetry.ts";
export { workersTracing } from "./workers.ts";
export type { WorkersTracing } from "./workers.ts";
export { subscribe } from "./subscribe.ts";
export type { SpanOptions } from "./span.ts";
