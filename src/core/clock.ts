/** One clock per manager that never runs backwards (PROTOCOL rule 10). */
export function monotonicClock(read: () => number): () => number {
  let last = 0;
  return function now(): number {
    const seen = read();
    if (seen > last) last = seen;
    return last;
  };
}
