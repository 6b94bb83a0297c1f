// Operations as spans of OpenTelemetry. Structural: the SDK is the application's.

import type { Attributes, Observer } from "../observe.ts";
import { attributesOf, errorAttributes, messageOf } from "./span.ts";
import type { SpanOptions } from "./span.ts";

/** SpanKind.CLIENT and SpanStatusCode.ERROR of @opentelemetry/api. */
const CLIENT = 2;
const ERROR = 2;

/** What is used of a span. */
interface Span {
  setAttributes(attributes: Record<string, string | number | boolean>): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** What is used of a tracer: `trace.getTracer(…)` of `@opentelemetry/api`. */
export interface Tracer {
  startSpan(name: string, options: { kind: number; attributes: Record<string, string | number | boolean> }): Span;
}

/**
 * An observer that makes a span of each operation, under the span that is active where it begins. What happens in pools is no
 * work, and makes none. Given to a client: `postgres({ url, observe: openTelemetry(trace.getTracer("shop")) })`.
 */
export function openTelemetry(tracer: Tracer, options: SpanOptions = {}): Observer {
  return (operation) => {
    if (operation.kind === "pool") return undefined;
    const attributes: Attributes = attributesOf(operation, options);
    const span = tracer.startSpan(operation.name, { kind: CLIENT, attributes: { ...attributes } });
    return ({ error, attributes: more }) => {
      if (more !== undefined) span.setAttributes({ ...more });
      if (error !== undefined) {
        const message = messageOf(error, options);
        span.setAttributes({ ...errorAttributes(error) });
        span.setStatus({ code: ERROR, ...(message === undefined ? {} : { message }) });
      }
      span.end();
    };
  };
}
