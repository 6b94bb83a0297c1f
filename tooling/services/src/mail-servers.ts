// Postfix, Exim and Dovecot from Debian's or Ubuntu's packages: a globalSetup of its own. Exim and Dovecot run as the
// servers' account, or as whoever runs the tests; Postfix does not start without root. What cannot run here is left out,
// and the reason is told.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ProvidedContext } from "vitest";
import type { Account } from "./account.ts";
import { debianPackage, libraryPath } from "./debian-package.ts";
import { mailboxes } from "./mail-servers-boxes.ts";
import { dovecotConfig, eximConfig, postfixConfig } from "./mail-servers-config.ts";
import { inNamespace } from "./namespace.ts";
import type { Run } from "./run.ts";
import { sharedSetup } from "./shared-setup.ts";
import { startServer } from "./start-server.ts";
import type { Identity } from "./types.ts";

type MailServers = ProvidedContext["mailServers"];

const HOW = "The mail servers are unpacked from the packages of Debian or Ubuntu, by apt-get.";
const TOKEN_KEY = randomBytes(32).toString("hex");
/** Beyond what distributions give out. */
const POSTFIX: Readonly<Record<string, Account>> = {
  postfix: { uid: 9102, gid: 9102 },
  vmail: { uid: 9105, gid: 9105 },
  postdrop: { uid: 9106, gid: 9106 },
};

export const setup = sharedSetup("mailServers", async (run, { certificate }) => {
  const user = { username: "alice", password: randomBytes(12).toString("hex") };
  const exim = await startExim(run, user, certificate);
  const [dovecot, postfix] = await Promise.all([
    startDovecot(run, user, certificate, exim.port),
    startPostfix(run, certificate),
  ]);
  const boxes = await mailboxes((server) => join(run.directory, server, "mail"));
  const value: MailServers = {
    hostname: "localhost",
    user,
    tokenKey: TOKEN_KEY,
    exim,
    dovecot,
    postfix,
    mailUrl: boxes.url,
  };
  return { value, stop: boxes.stop };
});

function leftOut(server: string, why: string): undefined {
  process.stderr.write(`The tests against ${server} are left out: ${why}\n`);
}

/** The same for every name: that under which the server runs. */
function accounts(run: Run, ...names: string[]): Readonly<Record<string, Account>> {
  const account = run.account ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return Object.fromEntries(names.map((name) => [name, account]));
}

async function startExim(run: Run, user: MailServers["user"], identity: Identity): Promise<MailServers["exim"]> {
  const { tree } = await debianPackage(run, {
    name: "exim",
    servers: [{ packageName: "exim4-daemon-light", program: "usr/sbin/exim4", probe: false }],
    needed: /^(?:exim4|lib)/,
    howToInstall: HOW,
  });
  const directory = run.makeDirectory("exim");
  run.writeFile("exim/server.pem", identity.cert + identity.key);
  return startServer(run, ["port", "tlsPort"], /listening for SMTP/, (ports) => {
    const config = run.writeFile("exim/exim.conf", eximConfig(directory, ports, user));
    const command = ["/usr/sbin/exim4", "-C", config, "-bdf", "-v"];
    return inNamespace(run, { name: "exim", tree, command, accounts: accounts(run, "Debian-exim") });
  });
}

async function startDovecot(
  run: Run,
  user: MailServers["user"],
  identity: Identity,
  relay: number,
): Promise<MailServers["dovecot"]> {
  const { tree, program } = await debianPackage(run, {
    name: "dovecot-mail",
    servers: [{ packageName: "dovecot-submissiond dovecot-lmtpd", program: "usr/sbin/dovecot" }],
    needed: /^(?:dovecot-|lib)/,
    howToInstall: HOW,
  });
  const env = { LD_LIBRARY_PATH: libraryPath(tree) };
  const version = spawnSync(join(tree, program), ["--version"], { encoding: "utf8", env }).stdout.trim();
  if (!version.startsWith("2.3.")) return leftOut("Dovecot", `this is ${version}, and their configuration is for 2.3`);
  const directory = run.makeDirectory("dovecot");
  for (const below of ["keys", "keys/default", "keys/default/HS256"]) run.makeDirectory(`dovecot/${below}`);
  run.writeFile("dovecot/server.crt", identity.cert);
  run.writeFile("dovecot/server.key", identity.key);
  // Whoever gets mail as alice+something; and one whose mailbox cannot be.
  const broken = "broken:{PLAIN}x::::/proc/nowhere::userdb_mail=maildir:/proc/nowhere";
  run.writeFile("dovecot/users", `${user.username}:{PLAIN}${user.password}::::::\n${broken}\n`);
  run.writeFile("dovecot/keys/default/HS256/default", Buffer.from(TOKEN_KEY).toString("base64"));
  run.writeFile(
    "dovecot/oauth2.conf",
    `introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix=${directory}/keys/\nusername_attribute = sub\n`,
  );
  const names = accounts(run, "dovecot", "dovenull");
  return startServer(run, ["submissionPort", "lmtpPort"], /starting up/, (ports) => {
    const config = run.writeFile("dovecot/dovecot.conf", dovecotConfig(directory, ports, relay));
    const command = ["/usr/sbin/dovecot", "-F", "-c", config];
    return inNamespace(run, { name: "dovecot", tree, command, accounts: names });
  });
}

async function startPostfix(run: Run, identity: Identity): Promise<MailServers["postfix"]> {
  if (process.getuid?.() !== 0) return leftOut("Postfix", "it does not start without root");
  const { tree } = await debianPackage(run, {
    name: "postfix",
    servers: [{ packageName: "postfix", program: "usr/sbin/postconf", probe: false }],
    needed: /^(?:postfix|lib)/,
    howToInstall: HOW,
  });
  const directory = join(run.directory, "postfix");
  mkdirSync(directory, { mode: 0o755 });
  run.writeFile("postfix/server.pem", identity.cert + identity.key);
  return startServer(run, ["port"], /daemon started/, ({ port }) => {
    const { main, master } = postfixConfig(run.directory, port);
    run.writeSharedFile("postfix/main.cf", main);
    run.writeSharedFile("postfix/master.cf", master);
    const script = [
      `cd ${directory}`,
      "mkdir -p data mail queue && chown postfix data && chown vmail mail && cd queue",
      "mkdir -p active bounce corrupt defer deferred flush hold incoming private maildrop public pid saved trace",
      "chown postfix active bounce corrupt defer deferred flush hold incoming private saved trace",
      "chown postfix:postdrop maildrop public",
      "chmod 700 private && chmod 730 maildrop && chmod 710 public",
      `exec /usr/lib/postfix/sbin/master -c ${directory} -d`,
    ];
    const command = ["sh", "-ec", script.join("\n")];
    return inNamespace(run, { name: "postfix", tree, command, accounts: POSTFIX, asRoot: true });
  });
}
