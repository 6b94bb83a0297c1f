// Keeps the board live: looks at it whenever it may have missed something, and else puts in what it hears of. Sends what is scored
// here, and says what became of it.

const board = document.querySelector("#board");
const state = document.querySelector("#state");
const form = document.querySelector("#score");
const outcome = document.querySelector("#told");
const SHOWN = 10;
/** @type {Map<string, number>} */
let scores = new Map();

function show() {
  const best = [...scores].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
  board.replaceChildren(
    ...best.map(([player, score]) => {
      const line = document.createElement("li");
      const name = document.createElement("span");
      const points = document.createElement("b");
      name.textContent = player;
      points.textContent = String(score);
      line.append(name, " ", points);
      return line;
    }),
  );
  state.textContent = best.length === 0 ? "Nobody has scored yet." : "";
}

async function look() {
  const response = await fetch("/api/board").catch(() => undefined);
  if (response?.ok !== true) return;
  const { scores: told } = await response.json();
  scores = new Map(told.map(({ player, score }) => [player, score]));
  show();
}

const events = new EventSource("/live");
events.addEventListener("sync", () => void look());
events.addEventListener("score", ({ data }) => {
  const { player, score } = JSON.parse(data);
  scores.set(player, score);
  show();
});

function say(words, bad = false) {
  outcome.textContent = words;
  outcome.className = bad ? "bad" : "";
}

/** What became of a score, in words. */
async function send(player, points) {
  try {
    const body = JSON.stringify({ player, points });
    const response = await fetch("/api/scores", { method: "POST", body });
    const { score, error } = await response.json();
    const again = response.headers.get("retry-after");
    if (error !== undefined) return say(`${error.message}${again === null ? "" : ` Again in ${again} s.`}`, true);
    const left = response.headers.get("ratelimit-remaining");
    say(`${score.player} has ${score.score}. ${left} of ${response.headers.get("ratelimit-limit")} left.`);
    scores.set(score.player, score.score);
    show();
  } catch {
    say("The board cannot be reached.", true);
  }
}

form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send(form.player.value, form.points.valueAsNumber);
});
