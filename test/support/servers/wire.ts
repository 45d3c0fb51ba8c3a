/** A way to a server on this machine, on which things go wrong as they do on a network. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Ends all connections and takes no new ones: what is sent meanwhile never gets there. */
  cut(): Promise<void>;
  /** Connections stay open on both sides, and nothing gets through. What was sent meanwhile arrives in the end. */
  hold(): void;
  /** Connections that are open lead nowhere from now on, and neither side hears of it. New ones are as they should be. */
  lose(): void;
  /** How many pieces were sent into nowhere since. */
  swallowed(): number;
  /** Every answer comes this much later. */
  slow(ms: number): void;
  /** All as it was. */
  mend(): Promise<void>;
}

export async function layWire(to: number, host = "127.0.0.1"): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let lateMs = 0;
  let held: PromiseWithResolvers<void> | null = null;
  let losses = 0;
  let swallowed = 0;

  /** Piece after piece, in their order. */
  function carry(from: Socket, onward: Socket, isAnswer: boolean): void {
    let last = Promise.resolve();
    const before = losses;
    from.on("data", (piece) => {
      last = last.then(async () => {
        if (isAnswer && lateMs > 0) await delay(lateMs);
        await held?.promise;
        if (losses !== before) swallowed++;
        else if (onward.writable) onward.write(piece);
      });
    });
  }

  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const onward = connect(to, host);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(end);
          socket.destroy();
          onward.destroy();
        });
    }
    carry(socket, onward, false);
    carry(onward, socket, true);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const release = (): void => {
    held?.resolve();
    held = null;
  };
  return {
    port: (server.address() as AddressInfo).port,
    async cut() {
      isCut = true;
      hangUp();
    },
    hold() {
      held ??= Promise.withResolvers();
    },
    lose() {
      losses++;
      swallowed = 0;
    },
    swallowed: () => swallowed,
    slow(ms) {
      lateMs = ms;
    },
    async mend() {
      isCut = false;
      lateMs = 0;
      release();
    },
    async [Symbol.asyncDispose]() {
      release();
      hangUp();
      server.close();
      await once(server, "close");
    },
  };
}

/** Asks until it is so: for what another process or the other end of a socket does in its own time. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await delay(10);
}
