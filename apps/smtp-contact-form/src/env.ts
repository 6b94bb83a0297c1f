// What the Worker is given: see wrangler.jsonc and .dev.vars.example.

/** The bindings of this Worker. */
export interface Env {
  readonly SMTP_URL: string;
  readonly MAIL_FROM: string;
  /** One address, or several with commas between them. */
  readonly MAIL_TO: string;
  readonly LIMIT: RateLimit;
}
