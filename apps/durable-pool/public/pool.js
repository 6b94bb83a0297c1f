// Asks by each strategy in turn, second by second, and draws what comes.

const STRATEGIES = ["direct", "pooler", "durable"];
const SECONDS = 60;
const SVG = "http://www.w3.org/2000/svg";

const rows = document.querySelector("#rows");
const button = document.querySelector("#run");
const stats = document.querySelector("#stats");
let running = false;

/** A line of the last values, and the last of them in words. */
function chart(cell) {
  const text = document.createElement("span");
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "polyline");
  svg.setAttribute("viewBox", `0 0 ${SECONDS} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(line);
  cell.append(text, svg);
  const values = [];
  return (value, unit) => {
    values.push(value);
    if (values.length > SECONDS) values.shift();
    const most = Math.max(...values, 1);
    line.setAttribute("points", values.map((each, at) => `${at},${100 - (each / most) * 95}`).join(" "));
    text.textContent = `${Math.round(value * 10) / 10} ${unit}`;
  };
}

const boards = STRATEGIES.map((strategy) => {
  const row = document.createElement("tr");
  const cells = Array.from({ length: 5 }, () => row.appendChild(document.createElement("td")));
  cells[0].textContent = strategy;
  rows.append(row);
  return {
    strategy,
    latency: chart(cells[1]),
    throughput: chart(cells[2]),
    backends: chart(cells[3]),
    errors: cells[4],
  };
});

/** One second of one strategy. */
async function second({ strategy, latency, throughput, backends, errors }, callers) {
  const times = [];
  const seen = new Set();
  const start = performance.now();
  let error;
  const caller = async () => {
    while (performance.now() < start + 1_000 && error === undefined) {
      const asked = performance.now();
      const response = await fetch(`/api/${strategy}`);
      const answer = await response.json();
      if (response.ok) {
        times.push(performance.now() - asked);
        seen.add(answer.backend);
      } else error = answer.error;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  errors.textContent = error ?? "";
  if (times.length === 0) return;
  times.sort((a, b) => a - b);
  latency(times[times.length >> 1], "ms");
  throughput((times.length / (performance.now() - start)) * 1_000, "/s");
  backends(seen.size, "");
}

async function run() {
  while (running) {
    const callers = Number(document.querySelector("#callers").value);
    for (const board of boards) if (running) await second(board, callers);
    const counts = await (await fetch("/api/stats")).json();
    stats.textContent = `The object: ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`;
  }
}

button.addEventListener("click", () => {
  running = !running;
  button.textContent = running ? "Stop" : "Start";
  if (running) void run();
});
