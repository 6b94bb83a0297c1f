// The configurations of the mail servers: as little as makes them take mail on loopback, with TLS and every login that they
// know, and keep it in maildirs. "refused" and "later" get nothing, for good and for now, and by Exim "picky" once it has seen the message; 3 MiB are the most.

import type { Credentials } from "./types.ts";

/** Exim 4: CHUNKING, PRDR, PLAIN and CRAM-MD5. */
export function eximConfig(
  run: string,
  ports: Readonly<Record<"port" | "tlsPort", number>>,
  user: Credentials,
): string {
  return `
exim_path = /usr/sbin/exim4
spool_directory = ${run}/spool
log_file_path = ${run}/%slog
pid_file_path = ${run}/exim.pid
primary_hostname = exim.test.local
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${ports.port} : ${ports.tlsPort}
tls_on_connect_ports = ${ports.tlsPort}
tls_advertise_hosts = *
tls_certificate = ${run}/server.pem
chunking_advertise_hosts = *
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
prdr_enable = true
message_size_limit = 3M
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
acl_smtp_data_prdr = check_prdr
begin acl
check_rcpt:
  deny message = 5.1.1 no such user
       local_parts = refused
  defer message = 4.2.1 not now
       local_parts = later
  accept
check_prdr:
  deny message = 5.7.1 not this message
       local_parts = picky
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = ${run}/mail
  maildir_format
  user = Debian-exim
  group = Debian-exim
  envelope_to_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = \${if def:tls_in_cipher}
  server_condition = \${if and{{eq{$auth2}{${user.username}}}{eq{$auth3}{${user.password}}}}}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{${user.username}}{${user.password}}fail}
`;
}

/** Dovecot 2.3: submission, which hands on to `relay`, and LMTP. */
export function dovecotConfig(
  run: string,
  ports: Readonly<Record<"submissionPort" | "lmtpPort", number>>,
  relay: number,
): string {
  return `
base_dir = ${run}/run
state_dir = ${run}/state
log_path = /dev/stderr
protocols = lmtp submission
listen = 127.0.0.1
hostname = dovecot.test.local
ssl = yes
ssl_cert = <${run}/server.crt
ssl_key = <${run}/server.key
default_internal_user = dovecot
default_login_user = dovenull
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2
disable_plaintext_auth = yes
auth_username_format = %n
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${run}/mail/%n
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${run}/oauth2.conf
}
passdb {
  driver = passwd-file
  args = ${run}/users
}
userdb {
  driver = passwd-file
  args = ${run}/users
  default_fields = uid=dovecot gid=dovecot home=${run}/mail/%n
}
recipient_delimiter = +
submission_relay_host = 127.0.0.1
submission_relay_port = ${relay}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service auth {
  chroot =
}
service submission {
  chroot =
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${ports.lmtpPort}
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    port = ${ports.submissionPort}
  }
  inet_listener submissions {
    port = 0
  }
}
`;
}

/** Postfix, which refuses whatever has a line end that is not CRLF. */
export function postfixConfig(run: string, port: number): { main: string; master: string } {
  const main = `
compatibility_level = 3.6
queue_directory = ${run}/postfix/queue
data_directory = ${run}/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /usr/share/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
default_privs = nobody
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.test.local
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = test.local
virtual_mailbox_base = ${run}/postfix
virtual_mailbox_maps = static:mail/
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:9105
virtual_gid_maps = static:9105
smtpd_recipient_restrictions = check_recipient_access inline:{refused@test.local=REJECT, later@test.local=DEFER}, reject_unauth_destination
smtpd_forbid_bare_newline = reject
# Chunks that are on their way behind one that is refused are errors too, and for each it would wait a second.
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${run}/postfix/server.pem
smtpd_tls_key_file = ${run}/postfix/server.pem
message_size_limit = 3145728
default_transport = error:no outside mail
maillog_file = ${run}/postfix.log
maillog_file_prefixes = ${run}
`;
  const service = (name: string, type: string, priv: string, wake: string, max: string, command: string): string =>
    `${name} ${type} ${priv} - n ${wake} ${max} ${command}\n`;
  const master =
    service(`127.0.0.1:${port}`, "inet", "n", "-", "-", "smtpd") +
    service("pickup", "unix", "n", "60", "1", "pickup") +
    service("cleanup", "unix", "n", "-", "0", "cleanup") +
    service("qmgr", "unix", "n", "300", "1", "qmgr") +
    service("tlsmgr", "unix", "-", "1000?", "1", "tlsmgr") +
    service("rewrite", "unix", "-", "-", "-", "trivial-rewrite") +
    ["bounce", "defer", "trace"].map((name) => service(name, "unix", "-", "-", "0", "bounce")).join("") +
    service("verify", "unix", "-", "-", "1", "verify") +
    service("proxymap", "unix", "-", "-", "-", "proxymap") +
    service("error", "unix", "-", "-", "-", "error") +
    "virtual unix - n n - - virtual\n" +
    service("anvil", "unix", "-", "-", "1", "anvil") +
    service("scache", "unix", "-", "-", "1", "scache") +
    service("postlog", "unix-dgram", "n", "-", "1", "postlogd");
  return { main, master };
}
