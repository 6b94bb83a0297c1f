// What the page can do more with a script: it signs without a reload, shows entries as they are written, and tells
// times in the reader's own way. Text from visitors only ever becomes text, never markup.

const PING_EVERY = 25_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 30_000;

/** @typedef {{ id: string, name: string, message: string, createdAt: string }} Entry */

const list = /** @type {HTMLOListElement | null} */ (document.getElementById("entries"));
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("sign"));

for (const time of document.querySelectorAll("time")) tellTime(time);
if (form !== null) form.addEventListener("submit", (event) => void signHere(event));
if (list !== null && "newest" in list.dataset) listen(FIRST_RETRY);

/** @param {HTMLTimeElement} time */
function tellTime(time) {
  const date = new Date(time.dateTime);
  time.title = time.dateTime;
  time.textContent = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/**
 * Entries may come twice (by the answer and live) and out of order (live, and caught up).
 * @param {Entry} entry
 */
function show(entry) {
  const template = document.getElementById("entry");
  if (
    list === null ||
    !(template instanceof HTMLTemplateElement) ||
    document.getElementById(`entry-${entry.id}`) !== null
  )
    return;
  const item = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  item.id = `entry-${entry.id}`;
  item.dataset["id"] = entry.id;
  item.classList.add("fresh");
  fill(item, ".message", entry.message);
  fill(item, ".name", entry.name);
  const time = item.querySelector("time");
  if (time !== null) {
    time.dateTime = entry.createdAt;
    tellTime(time);
  }
  const older = [...list.children].find(
    (other) => BigInt(/** @type {HTMLElement} */ (other).dataset["id"] ?? 0) < BigInt(entry.id),
  );
  list.insertBefore(item, older ?? null);
  const empty = document.getElementById("empty");
  if (empty !== null) empty.hidden = true;
  const count = document.getElementById("count");
  if (count !== null) {
    const entries = Number(count.textContent) + 1;
    count.textContent = String(entries);
    const word = document.getElementById("count-word");
    if (word !== null) word.textContent = entries === 1 ? "entry" : "entries";
  }
}

/**
 * @param {HTMLElement} item
 * @param {string} selector
 * @param {string} text
 */
function fill(item, selector, text) {
  const element = item.querySelector(selector);
  if (element !== null) element.textContent = text;
}

/** @param {SubmitEvent} event */
async function signHere(event) {
  if (form === null) return;
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const fields = new FormData(form);
  button.disabled = true;
  say("");
  markFields({});
  try {
    const response = await fetch("/api/entries", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: fields.get("name"), message: fields.get("message") }),
    });
    const answer = await response.json();
    if (response.ok) {
      if (list === null || !("newest" in list.dataset)) {
        location.assign(`/#entry-${answer.entry.id}`);
        return;
      }
      show(answer.entry);
      /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("message")).value = "";
      say("Thank you! Your entry is in the book.");
    } else {
      markFields(answer.error.fields ?? {});
      say(`${answer.error.message} ${answer.error.advice}`);
    }
  } catch {
    say("The guestbook could not be reached. Your text is still here: try again in a moment.");
  } finally {
    button.disabled = false;
  }
}

/** @param {string} text */
function say(text) {
  const status = document.getElementById("status");
  if (status !== null) status.textContent = text;
}

/** @param {Record<string, string>} fields */
function markFields(fields) {
  for (const name of ["name", "message"]) document.getElementById(name)?.removeAttribute("aria-invalid");
  for (const name of Object.keys(fields)) document.getElementById(name)?.setAttribute("aria-invalid", "true");
}

/**
 * Keeps a WebSocket open for as long as the page is. What was written while there was none is asked for at each start.
 * @param {number} retry how long to wait, in ms, should this connection fail
 */
function listen(retry) {
  const live = document.getElementById("live");
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
  let next = Math.min(retry * 2, LAST_RETRY);
  let answered = true;
  const pings = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!answered) socket.close();
    answered = false;
    socket.send("ping");
  }, PING_EVERY);
  socket.addEventListener("open", () => {
    next = FIRST_RETRY;
    if (live !== null) live.hidden = false;
    void catchUp();
  });
  socket.addEventListener("message", ({ data }) => {
    answered = true;
    if (data === "pong") return;
    const message = JSON.parse(data);
    if (message.type === "entry") show(message.entry);
  });
  socket.addEventListener("close", () => {
    clearInterval(pings);
    if (live !== null) live.hidden = true;
    // Spread, so that not every page comes back in the same moment.
    setTimeout(listen, retry * (0.5 + Math.random()), next);
  });
}

async function catchUp() {
  const newest = /** @type {HTMLElement | null} */ (list?.firstElementChild ?? null)?.dataset["id"] ?? "0";
  try {
    const response = await fetch(`/api/entries?after=${newest}&limit=100`);
    if (!response.ok) return;
    const { entries } = await response.json();
    for (const entry of entries.reverse()) show(entry);
  } catch {
    // The next start of the socket catches up.
  }
}
