// Operations as Workers' own spans, beside those that the platform makes for fetch() and bindings. Structural: the module
// cloudflare:workers is imported by the Worker.

import type { Observer } from "../observe.ts";
import { attributesOf, errorAttributes, messageOf } from "./span.ts";
import type { SpanOptions } from "./span.ts";

/** What is used of a span. */
interface Span {
  readonly isTraced: boolean;
  setAttribute(name: string, value: string | number | boolean): unknown;
  end(): void;
}

/** What is used of `tracing` from `cloudflare:workers`. */
export interface WorkersTracing {
  startSpan(name: string): Span;
}

/**
 * An observer that makes a Workers span of each operation, under the span that is active where it begins. Where the invocation
 * is not sampled, nothing more is computed.
 *
 * Given to a client: `postgres({ url: env.DATABASE_URL, observe: workersTracing(tracing) })`, with `tracing` from
 * `cloudflare:workers`.
 */
export function workersTracing(tracing: WorkersTracing, options: SpanOptions = {}): Observer {
  return (operation) => {
    if (operation.kind === "pool") return undefined;
    const span = tracing.startSpan(operation.name);
    if (!span.isTraced) return () => span.end();
    const set = (attributes: Readonly<Record<string, string | number | boolean>>): void => {
      for (const [name, value] of Object.entries(attributes)) span.setAttribute(name, value);
    };
    set(attributesOf(operation, options));
    return ({ error, attributes: more }) => {
      if (more !== undefined) set(more);
      if (error !== undefined) {
        const message = messageOf(error, options);
        set({ ...errorAttributes(error), ...(message === undefined ? {} : { "exception.message": message }) });
      }
      span.end();
    };
  };
}
