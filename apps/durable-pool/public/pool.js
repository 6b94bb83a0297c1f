// Asks in each way in turn, second by second, and draws what comes.

const WAYS = [
  ["direct", "a connection for each request"],
  ["pooler", "a pooler, in transaction mode"],
  ["durable", "a pool in a Durable Object"],
];
const FIGURES = ["Latency, median", "Requests per second", "Backends seen"];
const SECOND = 1_000;
const SHOWN = 60;
const SVG = "http://www.w3.org/2000/svg";

const form = document.querySelector("#load");
const callers = document.querySelector("#callers");
const button = document.querySelector("#run");
const state = document.querySelector("#state");
let running = false;

/** The last value in words, and a line of those before it. */
function chart(cell) {
  const text = document.createElement("span");
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "polyline");
  text.textContent = "–";
  svg.setAttribute("viewBox", `0 0 ${SHOWN} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("hidden", "");
  svg.append(line);
  cell.append(text, svg);
  const values = [];
  return (value, unit = "") => {
    values.push(value);
    if (values.length > SHOWN) values.shift();
    const most = Math.max(...values, 1);
    svg.toggleAttribute("hidden", values.length < 2);
    line.setAttribute("points", values.map((each, at) => `${at},${100 - (each / most) * 95}`).join(" "));
    text.textContent = `${Math.round(value * 10) / 10}${unit}`;
  };
}

const boards = WAYS.map(([way, words]) => {
  const row = document.createElement("tr");
  const name = document.createElement("th");
  const said = document.createElement("small");
  const note = document.createElement("small");
  name.scope = "row";
  note.className = "bad";
  said.textContent = words;
  name.append(way, said, note);
  const charts = FIGURES.map((figure) => {
    const cell = document.createElement("td");
    cell.dataset.name = figure;
    row.append(cell);
    return chart(cell);
  });
  row.prepend(name);
  document.querySelector("#rows").append(row);
  return { way, note, charts, absent: false };
});

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The answer of a route, or why there is none. */
async function ask(route) {
  try {
    const response = await fetch(`/api/${route}`);
    const answer = await response.json();
    return response.ok ? { answer } : { error: answer.error, absent: response.status === 501 };
  } catch {
    return { error: "the Worker could not be reached" };
  }
}

/** One second of one way, whatever comes of it: a way that fails at once is not asked the more often. */
async function second(board, count) {
  const { way, note, charts } = board;
  const times = [];
  const seen = new Set();
  const start = performance.now();
  let failed;
  const caller = async () => {
    while (performance.now() < start + SECOND && failed === undefined) {
      const asked = performance.now();
      const told = await ask(way);
      if (told.answer === undefined) failed = told;
      else {
        times.push(performance.now() - asked);
        seen.add(told.answer.backend);
      }
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  const took = performance.now() - start;
  note.textContent = failed?.error ?? "";
  board.absent = failed?.absent === true;
  if (times.length > 0) {
    const [latency, throughput, backends] = charts;
    times.sort((a, b) => a - b);
    latency(times[times.length >> 1], " ms");
    throughput((times.length / took) * SECOND);
    backends(seen.size);
  }
  if (failed !== undefined && !board.absent) await pause(SECOND - took);
}

async function run() {
  while (running) {
    const count = callers.valueAsNumber;
    for (const board of boards) if (running && !board.absent) await second(board, count);
    const { answer, error } = await ask("stats");
    const counts = Object.entries(answer ?? {}).map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`);
    state.textContent = `The object: ${error ?? counts.join(", ")}.`;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  running = !running;
  button.textContent = running ? "Stop" : "Start";
  callers.disabled = running;
  if (!running) return;
  state.textContent = "Asking …";
  void run();
});
