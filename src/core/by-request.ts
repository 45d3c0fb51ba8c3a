/**
 * What a manager knows of each request, kept on the request itself. In a WeakMap so many short-lived keys cost the
 * garbage collector more than everything else a request does.
 */
export class ByRequest<T> {
  readonly #key = Symbol("sojourn");
  /** For requests that take no further properties. */
  readonly #apart = new WeakMap<object, T>();

  get(request: object): T | undefined {
    return (request as Record<symbol, T | undefined>)[this.#key] ?? this.#apart.get(request);
  }

  set(request: object, known: T): void {
    if (Object.isExtensible(request)) (request as Record<symbol, T>)[this.#key] = known;
    else this.#apart.set(request, known);
  }
}

/** Requests and responses are logged, and with them what hangs on them: nothing of it is shown (SECURITY A2). */
export function hideFromLogs(prototype: object): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => "[sojourn]" });
}
