/** A server that a suite has to itself, and may take away. */
export interface OwnServer extends AsyncDisposable {
  readonly port: number;
  /** Stops it where it stands, as a machine that hangs: connections stay open, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** After `kill`, on the same port and files. */
  start(): Promise<void>;
}
