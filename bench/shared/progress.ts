/** How far a run is and when it will be done: on one line of a terminal; elsewhere, such as in a log, a line each tenth. */
const { stderr } = process;
const CLEAR = "\r\x1b[K";

/** `next`: what comes now. */
export function progress(what: string): (done: number, all: number, next?: string) => void {
  const started = performance.now();
  return (done, all, next = "") => {
    const left = done === 0 ? Number.NaN : ((performance.now() - started) / done) * (all - done);
    const end = Number.isNaN(left) || done === all ? "" : `, ${spoken(left)} left`;
    const text = `${what}: ${done} of ${all}${end}`;
    if (stderr.isTTY) {
      const line = next === "" ? text : `${text}: ${next}`;
      stderr.write(done === all ? CLEAR : CLEAR + line.slice(0, (stderr.columns ?? 80) - 1));
    } else if (done > 0 && tenths(done, all) > tenths(done - 1, all)) stderr.write(`${text}\n`);
  };
}

/** Replaces the line of a terminal by what is going on; in a log it would only be in the way. */
export function status(text: string): void {
  if (stderr.isTTY) stderr.write(CLEAR + text.slice(0, (stderr.columns ?? 80) - 1));
}

/** Says something above the line of progress. */
export function say(text: string): void {
  stderr.write(`${stderr.isTTY ? CLEAR : ""}${text}\n`);
}

function tenths(done: number, all: number): number {
  return Math.floor((done * 10) / all);
}

function spoken(millis: number): string {
  const seconds = Math.ceil(millis / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
