// One run's belongings: a directory, the processes in it, their logs. Whatever ends the run, a reaper sees to it that
// nothing of it stays. Every process leads its own group, so that a Ctrl-C in the terminal reaches us and not the servers.

import { spawn, type ChildProcessByStdio } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { isReachable, serverAccount, type Account } from "./account.ts";
import type { ReaperMessage } from "./reaper.ts";

const STOP_GRACE = 8_000;

/** How a command is run. */
export interface Command {
  /** Names the log; several commands may share one. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to its standard input. */
  readonly input?: string;
  /** Runs as ourselves even when servers run under another account. */
  readonly asSelf?: boolean;
  /** What makes it end quickly and cleanly. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A process of the run. */
export interface RunningProcess {
  /** The exit code, or the signal. Never rejects. */
  readonly exited: Promise<number | NodeJS.Signals>;
  stop(): Promise<void>;
}

/** See the head of the file. */
export class Run {
  readonly directory: string;
  /** Whom the servers run as, when we are root. */
  readonly account: Account | undefined;
  readonly #reaper: ChildProcessByStdio<Writable, null, null>;
  readonly #running = new Set<RunningProcess>();
  readonly #logs = new Map<string, string>();
  #closing: Promise<void> | undefined;
  #lastLogs = "";

  constructor() {
    this.account = serverAccount();
    const base = [tmpdir(), "/tmp", "/var/tmp"].find((path) => isReachable(path, this.account)) ?? tmpdir();
    this.directory = join(base, `landline-${randomBytes(8).toString("hex")}`);
    this.#reaper = spawn(process.execPath, [fileURLToPath(new URL("./reaper.ts", import.meta.url))], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#reaper.on("error", () => {});
    this.#reaper.stdin.on("error", () => {});
    this.#reaper.unref();
    (this.#reaper.stdin as unknown as { unref(): void }).unref();
    this.reap({ directory: this.directory });
    mkdirSync(this.directory, { mode: 0o711 });
    chmodSync(this.directory, 0o711); // whatever the umask says: the servers' account must pass through
  }

  /** Tells the reaper about something that must not survive us. */
  reap(message: ReaperMessage): void {
    this.#reaper.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** A directory of the servers' account inside the run's own. */
  makeDirectory(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path, { mode: 0o700 });
    this.#give(path);
    return path;
  }

  /** A file that the servers' account alone may read. */
  writeFile(path: string, content: string): string {
    const full = join(this.directory, path);
    writeFileSync(full, content, { mode: 0o600 });
    this.#give(full);
    return full;
  }

  /** A file that everybody may read. */
  writeSharedFile(path: string, content: string): string {
    const full = join(this.directory, path);
    writeFileSync(full, content);
    chmodSync(full, 0o644);
    return full;
  }

  /** Starts a process. */
  start(command: Command): RunningProcess {
    if (this.#closing !== undefined) throw new Error("the services are being stopped");
    const log = join(this.directory, `${command.name}.log`);
    this.#logs.set(command.name, log);
    const output = openSync(log, "a", 0o600);
    const account = command.asSelf ? undefined : this.account;
    const child = spawn(command.file, command.args, {
      cwd: command.cwd ?? this.directory,
      env: command.env ?? { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
      detached: true,
      stdio: [command.input === undefined ? "ignore" : "pipe", output, output],
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    closeSync(output);
    const { pid } = child;
    const signal = command.stopSignal ?? "SIGTERM";
    if (pid !== undefined) this.reap({ started: pid, signal });
    child.stdin?.on("error", () => {});
    child.stdin?.end(command.input);
    const exited = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once("error", (error) => {
        writeFileSync(log, `${command.file}: ${error.message}\n`, { flag: "a" });
        if (pid === undefined) resolve(127);
      });
      child.once("exit", (code, by) => resolve(code ?? by ?? 1));
    });
    const running: RunningProcess = {
      exited,
      stop: async () => {
        const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_GRACE);
        child.kill(signal);
        await exited;
        clearTimeout(timer);
      },
    };
    this.#running.add(running);
    void exited.then(() => {
      this.#running.delete(running);
      if (pid !== undefined) this.reap({ ended: pid });
    });
    return running;
  }

  /** Runs a command to its end and returns what it printed. @throws when it fails, with the end of its log. */
  async execute(command: Command): Promise<string> {
    const before = this.log(command.name).length;
    const code = await this.start(command).exited;
    const output = this.log(command.name).slice(before);
    if (code !== 0) throw new Error(`${command.file} ended with ${code}:\n${tail(output)}`);
    return output;
  }

  /** What has been written to one log. */
  log(name: string): string {
    try {
      return readFileSync(join(this.directory, `${name}.log`), "utf8");
    } catch {
      return "";
    }
  }

  /** The ends of all logs, readable also after the run is closed. */
  logs(): string {
    if (this.#closing === undefined) {
      this.#lastLogs = [...this.#logs.keys()].map((name) => `--- ${name}\n${tail(this.log(name))}`).join("\n");
    }
    return this.#lastLogs;
  }

  /** Stops every process and removes the directory. */
  close(): Promise<void> {
    this.logs();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#running].map((process) => process.stop()));
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    if (this.#reaper.exitCode !== null || this.#reaper.signalCode !== null || this.#reaper.pid === undefined) return;
    this.#reaper.ref();
    this.#reaper.stdin.end();
    await once(this.#reaper, "exit");
  }

  #give(path: string): void {
    if (this.account !== undefined) chownSync(path, this.account.uid, this.account.gid);
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // gone already
  }
}

function tail(text: string): string {
  return text.split("\n").slice(-60).join("\n").trim();
}
