// Where the sessions of a store are kept, and what can be counted there.

export interface Site extends AsyncDisposable {
  /** `null` where there is none. */
  readonly server: { readonly name: string; readonly version: string } | null;
  /** Takes away what the cell before left behind, and returns the address of an empty place. */
  fresh(): Promise<string>;
  /** How many commands the server was given meanwhile, without what counting takes; `null` where none can be counted. */
  count(act: () => Promise<unknown>): Promise<number | null>;
}

/** A server that Ctrl-C reached before us ends its connections; whoever asks it next is told. */
export function ignore(): void {}

export async function uncounted(act: () => Promise<unknown>): Promise<null> {
  await act();
  return null;
}
