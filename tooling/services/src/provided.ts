// What inject("services") is, for every test that the shared vitest preset runs. Types only.

import type { Credentials, Services } from "./types.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly services: Services;
    /** Only where the project lists "@landline/services/mariadb" as a globalSetup. TLS is offered on the port. */
    readonly mariadb: {
      readonly hostname: string;
      readonly port: number;
      readonly database: string;
      readonly user: Credentials;
    };
    /** Likewise, "@landline/services/pgbouncer": in transaction mode, with two backends. */
    readonly pgbouncer: {
      readonly hostname: string;
      readonly port: number;
      /** The `scram` role over verified TLS. */
      readonly url: string;
      /** The pooler's own console. */
      readonly adminUrl: string;
    };
    /** Likewise, "@landline/services/tls-proxy": where Postgres speaks TLS from the first byte. */
    readonly tlsProxy: { readonly hostname: string; readonly port: number };
    /** Likewise, "@landline/services/gopher". */
    readonly gopher: { readonly hostname: string; readonly port: number };
    /**
     * Likewise, "@landline/services/mail-servers", where `whyNoNamespaces()` of "@landline/services/namespace" has nothing
     * against it. `mailUrl` + "exim?has=" gives the messages that contain a text, as JSON.
     */
    readonly mailServers: {
      readonly hostname: string;
      readonly user: Credentials;
      /** HS256: signs the access tokens that Dovecot takes. */
      readonly tokenKey: string;
      readonly exim: { readonly port: number; readonly tlsPort: number };
      readonly dovecot: { readonly submissionPort: number; readonly lmtpPort: number } | undefined;
      readonly postfix: { readonly port: number } | undefined;
      readonly mailUrl: string;
    };
    /** Likewise, "@landline/services/nats"; the token logs in. */
    readonly nats: { readonly hostname: string; readonly port: number; readonly token: string };
  }
}
