// Reading and writing where a library's session is a plain object.
import type { Shop } from "./shop.ts";
import type { Acts } from "./subject.ts";

export type Held = Partial<Shop> & { user?: string };

export function heldActs<Context extends readonly unknown[]>(
  heldBy: (...context: Context) => Held,
): Pick<Acts<Context>, "read" | "write"> {
  return {
    read(...context) {
      const { user = null, theme = null } = heldBy(...context);
      return { user, theme };
    },
    write(...context) {
      const held = heldBy(...context);
      held.visits = (held.visits ?? 0) + 1;
      return held.visits;
    },
  };
}
