/** The bindings of this Worker. */
export interface Env {
  /** `host:port`. */
  readonly GOPHER_SERVER: string;
}
