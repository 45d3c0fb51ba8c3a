// Counts the time left down and asks the server now and then. Asking is a peek: it does not extend the session, and
// another tab may have extended it meanwhile. Everything else of the shop works without scripts.

const ASK_EVERY = 20_000;
const WARN_BELOW = 2 * 60_000;

const place = document.querySelector("#time-left");
const clock = place.querySelector(".clock");
const warning = document.querySelector("#time-warning");
const message = warning.querySelector("p");

let endsAt = Date.now() + Number(place.dataset.left);
let askAgainAt = 0;
const ticking = setInterval(tick, 1000);
tick();
document.addEventListener("visibilitychange", () => {
  askAgainAt = 0;
});

function tick() {
  const left = endsAt - Date.now();
  clock.textContent = inWords(left);
  const isShort = left < WARN_BELOW;
  warning.hidden = !isShort;
  say(isShort ? "You will be signed out soon." : "");
  if (document.visibilityState === "visible" && (Date.now() >= askAgainAt || left <= 0)) void ask();
}

async function ask() {
  askAgainAt = Date.now() + ASK_EVERY;
  try {
    const answer = await fetch("/session/time-left", { headers: { accept: "application/json" } });
    if (!answer.ok) return; // the store may be away for a moment: that ends no session
    const { left } = await answer.json();
    if (left === null) ended();
    else endsAt = Date.now() + left;
  } catch {
    // offline, or the server restarts: the next tick but a few asks again
  }
}

/** Without leaving the page; where that fails, the form is sent as it would be without scripts. */
warning.addEventListener("submit", (event) => {
  event.preventDefault();
  void stay();
});

async function stay() {
  try {
    const headers = { accept: "application/json", "x-csrf-token": warning.elements._csrf.value };
    const answer = await fetch(warning.action, { method: "POST", headers });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    await ask();
    tick();
  } catch {
    warning.submit();
  }
}

function ended() {
  clearInterval(ticking);
  place.remove();
  warning.hidden = false;
  warning.querySelector("button").remove();
  say("Your session has ended. Your next click leads to the sign-in page.");
}

/** Only a change is set, so that screen readers say it once. */
function say(text) {
  if (message.textContent !== text) message.textContent = text;
}

// The same words as in pages/times.ts.
function inWords(ms) {
  const hours = ms / 3_600_000;
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours >= 2) return `${Math.floor(hours)} hours`;
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
