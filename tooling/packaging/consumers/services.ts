// Where the servers are. Structural, so that a consumer outside the workspace type-checks without the tooling.

export interface Services {
  readonly postgres: { readonly url: string };
  readonly redis: { readonly hostname: string; readonly tlsPort: number; readonly tlsUrl: string };
  readonly smtp: { readonly url: string; readonly starttlsUrl: string };
}

/** The bindings of the Worker. */
export interface Env {
  readonly SERVICES: Services;
}
