// What the mail servers have delivered, over HTTP, so that tests in any runtime can read it: servers answer before they
// deliver, and some do that much later.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { close, listenOnLoopback } from "./ports.ts";

const POLL = 20;
const PATIENCE = 15_000;

/**
 * `<url>exim?has=text&count=2`: the messages of that server that contain the text, as they were written (Latin-1), as soon
 * as there are so many, or after 15 seconds.
 */
export async function mailboxes(
  directoryOf: (server: string) => string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const directory = directoryOf(pathname.slice(1).replaceAll(/[^a-z]/g, ""));
    const text = searchParams.get("has") ?? "";
    const until = Date.now() + PATIENCE;
    let found = messages(directory, text);
    while (found.length < Number(searchParams.get("count") ?? 1) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, POLL));
      found = messages(directory, text);
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(found));
  };
  const { port, servers } = await listenOnLoopback(() =>
    createServer((request, response) => {
      answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    }),
  );
  return { url: `http://localhost:${port}/`, stop: async () => void (await Promise.all(servers.map(close))) };
}

function messages(directory: string, text: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith("/new"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .filter((message) => message.includes(text));
}
