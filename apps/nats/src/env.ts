/** The bindings of this Worker. */
export interface Env {
  /** `host:port`. */
  readonly NATS_SERVER: string;
  readonly NATS_TOKEN: string;
}
