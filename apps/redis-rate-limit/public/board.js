// Keeps the board live: looks at it whenever it may have missed something, and else puts in what it hears of.

const board = document.querySelector("#board");
const state = document.querySelector("#state");
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
  const response = await fetch("/api/board");
  if (!response.ok) return;
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
