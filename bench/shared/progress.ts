/** How far a run is and when it will be done, on one line of a terminal; nothing where nobody looks. */

export function progress(what: string): (done: number, all: number) => void {
  const started = performance.now();
  return (done, all) => {
    if (!process.stderr.isTTY) return;
    const left = done === 0 ? Number.NaN : ((performance.now() - started) / done) * (all - done);
    const end = Number.isNaN(left) ? "" : `, ${Math.ceil(left / 1000)} s left`;
    process.stderr.write(done === all ? "\r\x1b[K" : `\r\x1b[K${what}: ${done} of ${all}${end}`);
  };
}
