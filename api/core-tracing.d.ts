// What @landline/core/tracing declares to the public, made by `pnpm api`.

declare function openTelemetry(tracer: Tracer, options?: SpanOptions): Observer;

interface Tracer {
    startSpan(name: string, options: {
        kind: number;
        attributes: Record<string, string | number | boolean>;
    }): Span;
}

declare function workersTracing(tracing: WorkersTracing, options?: SpanOptions): Observer;

interface WorkersTracing {
    startSpan(name: string): Span$workers;
}

declare function subscribe(observer: Observer, kinds?: readonly OperationKind[]): () => void;

interface SpanOptions {
    readonly details?: boolean;
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

type Observer = (operation: Operation) => ((end: OperationEnd) => void) | void;

declare class Operation {
    #private;
    readonly kind: OperationKind;
    readonly name: string;
    readonly attributes: Attributes;
    readonly ended: OperationEnd | undefined;
    readonly error: unknown;
    constructor(kind: OperationKind, name: string, attributes: Attributes, details?: () => Attributes);
    details(): Attributes;
}

interface OperationEnd {
    readonly error?: unknown;
    readonly attributes?: Attributes;
}

type OperationKind = "connect" | "query" | "command" | "send" | "pool";

interface Span {
    setAttributes(attributes: Record<string, string | number | boolean>): unknown;
    setStatus(status: {
        code: number;
        message?: string;
    }): unknown;
    end(): void;
}

interface Span$workers {
    readonly isTraced: boolean;
    setAttribute(name: string, value: string | number | boolean): unknown;
    end(): void;
}

export {
    openTelemetry,
    type Tracer,
    workersTracing,
    type WorkersTracing,
    subscribe,
    type SpanOptions,
};
