// A Durable Object namespace, as far as a pool needs one. Structural, so that what `wrangler types` makes of a binding fits,
// and nobody has to import the platform's types.

/** Where Cloudflare is asked to place a new object. Heeded at the first use of a name ever, and never again. */
export type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

/** A binding to a namespace of pool objects: `env.PG`. */
export interface PoolNamespace {
  idFromName(name: string): unknown;
  get(id: unknown, options?: { locationHint?: LocationHint }): unknown;
}

/** Which object, and where. */
export interface PoolPlace {
  readonly name: string;
  readonly locationHint: LocationHint | undefined;
}

/** A stub of the object. It belongs to the I/O context that asks for it. */
export function poolStub(namespace: PoolNamespace, { name, locationHint }: PoolPlace): unknown {
  return namespace.get(namespace.idFromName(name), locationHint === undefined ? {} : { locationHint });
}
