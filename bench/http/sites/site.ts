// Where the sessions of a store are kept, and what can be counted there.

export interface Site extends AsyncDisposable {
  /** `null` where there is none. */
  readonly server: { readonly name: string; readonly version: string } | null;
  /** The address of an empty place. `turn`: which, of those that are used at the same time; what it held goes. */
  fresh(turn: number): Promise<string>;
  count<Result>(act: () => Promise<Result>): Promise<Counted<Result>>;
}

export interface Counted<Result> {
  /** How many the server was given meanwhile, without what counting takes; `null` where none can be counted. */
  readonly commands: number | null;
  readonly result: Result;
}

/** A server that Ctrl-C reached before us ends its connections; whoever asks it next is told. */
export function ignore(): void {}

export async function uncounted<Result>(act: () => Promise<Result>): Promise<Counted<Result>> {
  return { commands: null, result: await act() };
}
