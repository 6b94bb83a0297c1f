// A real browser, by the Chrome DevTools Protocol over Node's own WebSocket: as much of it as these tests need.
// Chromium is taken from PATH or from the variable CHROMIUM; it is not installed here, for it has 400 MB.

import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const START_TIMEOUT = 30_000;
const CALL_TIMEOUT = 15_000;
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The Chromium of this machine, or undefined. */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined) return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...found, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

type Params = Readonly<Record<string, unknown>>;
type Listener = (params: never) => void;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A browser that runs. */
export class Browser implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #stop: () => Promise<void>;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #listeners = new Map<string, Listener>();
  #lastId = 0;

  private constructor(socket: WebSocket, stop: () => Promise<void>) {
    this.#socket = socket;
    this.#stop = stop;
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data)) as Message));
    socket.addEventListener("close", () => {
      for (const call of this.#calls.values()) call.reject(new Error("the browser has gone"));
    });
  }

  /** Starts a headless browser with a profile of its own. */
  static async launch(executable: string): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "landline-browser-"));
    const flags = [
      "--headless",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--remote-debugging-port=0",
    ];
    // Chromium's sandbox needs what a container or root does not have; the only pages it sees are ours.
    const child = spawn(executable, [...flags, "--no-sandbox", `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: profile },
    });
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    const stop = async (): Promise<void> => {
      child.kill("SIGKILL");
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    try {
      const started = Promise.withResolvers<string>();
      const timer = setTimeout(() => started.reject(new Error(`${executable} did not start: ${said}`)), START_TIMEOUT);
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const address = /DevTools listening on (\S+)/.exec(said)?.[1];
        if (address !== undefined) started.resolve(address);
      });
      void exited.then(() => started.reject(new Error(`${executable} ended: ${said}`)));
      const socket = new WebSocket(await started.promise.finally(() => clearTimeout(timer)));
      await new Promise((resolve, reject) => {
        socket.addEventListener("open", resolve);
        socket.addEventListener("error", reject);
      });
      return new Browser(socket, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** A window of its own, as another person's: no cookies or cache in common. */
  async open(): Promise<Page> {
    const { browserContextId } = (await this.call("Target.createBrowserContext")) as { browserContextId: string };
    const { targetId } = (await this.call("Target.createTarget", { url: "about:blank", browserContextId })) as {
      targetId: string;
    };
    const { sessionId } = (await this.call("Target.attachToTarget", { targetId, flatten: true })) as {
      sessionId: string;
    };
    const page = new Page(this, sessionId);
    await page.start();
    return page;
  }

  /** One command of the protocol. */
  call(method: string, params: Params = {}, sessionId?: string): Promise<unknown> {
    const id = ++this.#lastId;
    const call = Promise.withResolvers<unknown>();
    this.#calls.set(id, call);
    const timer = setTimeout(
      () => call.reject(new Error(`${method} was not answered in ${CALL_TIMEOUT} ms`)),
      CALL_TIMEOUT,
    );
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return call.promise.finally(() => {
      clearTimeout(timer);
      this.#calls.delete(id);
    });
  }

  /** Hears an event of one window. */
  on(sessionId: string, method: string, listener: Listener): void {
    this.#listeners.set(`${sessionId} ${method}`, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#stop();
  }

  #hear({ id, sessionId, method, params, result, error }: Message): void {
    if (id === undefined) {
      this.#listeners.get(`${sessionId} ${method}`)?.(params as never);
      return;
    }
    if (error === undefined) this.#calls.get(id)?.resolve(result);
    else this.#calls.get(id)?.reject(new Error(error.message));
  }
}

/** A window. */
export class Page {
  /** What the page should not have: exceptions, failed requests, and breaches of its own content security policy. */
  readonly faults: string[] = [];
  readonly #browser: Browser;
  readonly session: string;
  #loaded = Promise.withResolvers<void>();

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.session = session;
  }

  async start(): Promise<void> {
    const on = (method: string, listener: Listener): void => this.#browser.on(this.session, method, listener);
    on("Runtime.exceptionThrown", (event: { exceptionDetails: { text: string } }) =>
      this.faults.push(event.exceptionDetails.text),
    );
    on("Log.entryAdded", ({ entry }: { entry: { level: string; text: string } }) => {
      if (entry.level === "error") this.faults.push(entry.text);
    });
    on("Page.loadEventFired", () => this.#loaded.resolve());
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.call(`${domain}.enable`);
  }

  /** One command of the protocol, for this window. */
  call(method: string, params?: Params): Promise<unknown> {
    return this.#browser.call(method, params, this.session);
  }

  /** Goes to an address, or has something done that leads to one, until the page is loaded. */
  async load(to: string | (() => Promise<unknown>)): Promise<void> {
    this.#loaded = Promise.withResolvers<void>();
    if (typeof to === "string") await this.call("Page.navigate", { url: to });
    else await to();
    await this.#loaded.promise;
  }

  /** The value of an expression, or of the promise that it is. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = (await this.call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })) as {
      result: { value: T };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    const fault = answer.exceptionDetails;
    if (fault !== undefined) throw new Error(`${expression}: ${fault.exception?.description ?? fault.text}`);
    return answer.result.value;
  }

  /** Waits, by the page's own changes, until an expression is true. */
  until(expression: string): Promise<void> {
    return this.evaluate(`new Promise((resolve) => {
      const look = () => { if (${expression}) { observer.disconnect(); resolve(); } };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      look();
    })`);
  }

  /** By how many pixels it runs over the right edge, and so has to be pushed about. */
  overflow(): Promise<number> {
    return this.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);
  }

  /** Writes into a field and leaves it. */
  fill(selector: string, text: string): Promise<void> {
    return this.evaluate(`void (document.querySelector(${JSON.stringify(selector)}).value = ${JSON.stringify(text)})`);
  }

  /** Clicks at the middle of an element, as a person would. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.evaluate<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.call("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }
  }
}
