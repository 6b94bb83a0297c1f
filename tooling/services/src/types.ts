// What the servers tell about themselves. Plain data: it goes through vitest's provide() into workerd, and into JSON.

/** A login. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A certificate for `localhost` and its key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** The running set. All servers listen on loopback; `hostname` is the name their certificates are made for. */
export interface Services {
  readonly ca: {
    /** The throw-away CA's certificate, PEM. */
    readonly pem: string;
    /** A file with what the environment trusted before and this CA: for NODE_EXTRA_CA_CERTS. */
    readonly file: string;
  };
  /** What the servers show: for further servers of a test. */
  readonly certificate: Identity;
  /** Of an authority that nothing trusts. */
  readonly untrusted: Identity;
  readonly postgres: {
    readonly hostname: string;
    readonly port: number;
    readonly database: string;
    /** One role per way of logging in; the role named `password` sends it in clear text. */
    readonly users: Readonly<Record<"scram" | "md5" | "password" | "trust", Credentials>>;
    /** The `scram` role over verified TLS. */
    readonly url: string;
    /** The superuser over TLS, for tests that terminate backends or read pg_stat_activity. */
    readonly adminUrl: string;
  };
  readonly redis: {
    readonly hostname: string;
    readonly port: number;
    readonly tlsPort: number;
    /** `valkey` or `redis`, and its version. */
    readonly flavour: string;
    /** An ACL user that may do everything; the default user needs no password. */
    readonly user: Credentials;
    /** An ACL user for keys and channels that begin with `limited:`, without the dangerous commands. */
    readonly limited: Credentials;
    /** The ACL user over the plain port. */
    readonly url: string;
    /** The ACL user over verified TLS. */
    readonly tlsUrl: string;
  };
  readonly smtp: {
    readonly hostname: string;
    /** Plain, offers STARTTLS. */
    readonly port: number;
    /** TLS from the first byte. */
    readonly tlsPort: number;
    readonly user: Credentials;
    /** smtps:// with the login. */
    readonly url: string;
    /** smtp:// with the login; a client must upgrade by STARTTLS. */
    readonly starttlsUrl: string;
    /** lmtp://, in the clear, without a login. Recipients whose name begins with `full` are refused after the message. */
    readonly lmtpUrl: string;
    /** GET: every mail received, oldest first, as JSON ({@link ReceivedMail}); `?to=` keeps those for one recipient. DELETE: forget all. */
    readonly mailUrl: string;
  };
}

/** A mail that the SMTP server accepted. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it came, CRLF line ends, read as UTF-8. */
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | null;
}
