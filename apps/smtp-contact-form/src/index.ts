// The Worker: GET / shows the form, POST / takes it. Static files (public/) are served before it is asked.

import type { Env } from "./env.ts";
import { checkForm, checkOrigin, readForm } from "./form.ts";
import { deliver, logFailure } from "./mail.ts";
import type { Report } from "./mail.ts";
import { Problem } from "./problem.ts";
import { formView, reportView } from "./view.ts";
import type { Filled } from "./view.ts";

const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
};

const worker: ExportedHandler<Env> = {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/") return show(formView({}, "There is nothing at this address but the form."), 404);
    if (request.method === "POST") return submit(request, env);
    if (request.method === "GET" || request.method === "HEAD") return show(formView());
    return show(formView({}, "Use GET or POST."), 405, { allow: "GET, HEAD, POST" });
  },
};

export default worker;

async function submit(request: Request, env: Env): Promise<Response> {
  let filled: Filled = {};
  try {
    checkOrigin(request);
    await checkRate(request, env);
    const form = await readForm(request);
    filled = fieldsOf(form);
    const submission = checkForm(form);
    // A program is told what a person would be told, and learns nothing.
    const report: Report = submission.trapped ? TRAPPED : await deliver(env, submission);
    return show(reportView(report), report.office.some(({ outcome }) => outcome === "accepted") ? 200 : 502);
  } catch (error) {
    if (error instanceof Problem) return show(formView(filled, error.message), error.status, error.headers);
    logFailure("contact form", error);
    return show(formView(filled, "The mail server cannot be reached. Please try again in a minute."), 503, {
      "retry-after": "60",
    });
  }
}

const TRAPPED: Report = { office: [{ to: "", outcome: "accepted", code: 250 }], confirmation: undefined };

async function checkRate(request: Request, env: Env): Promise<void> {
  const { success } = await env.LIMIT.limit({ key: request.headers.get("cf-connecting-ip") ?? "unknown" });
  if (!success) throw new Problem(429, "That was a lot of messages. Please wait a minute.", { "retry-after": "60" });
}

function fieldsOf(form: FormData): Filled {
  const text = (field: string): string => {
    const value = form.get(field);
    return typeof value === "string" ? value.toWellFormed().slice(0, 10_000) : "";
  };
  return { name: text("name"), email: text("email"), message: text("message") };
}

function show(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}
