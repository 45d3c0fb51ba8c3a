/** People who come, sign in, shop, leave, or just never come back; each by the same calls that an adapter makes. */
import type { Sessions } from "../../src/core/manager-types.ts";
import { TestBrowser } from "../../src/testing/browser.ts";
import { ofHalfKilobyte } from "../shared/samples.ts";

type Data = Record<string, unknown>;

interface Person {
  readonly browser: TestBrowser;
  userId: string | null;
}

const PEOPLE = 1000;
const USERS = 5000;
/** Answers that traffic like this may get: also of those whose session ended meanwhile. */
const EXPECTED: ReadonlySet<number> = new Set([200, 401, 409]);

export interface Traffic {
  /** Requests answered, by status. */
  readonly answers: ReadonlyMap<number, number>;
  readonly unexpected: number;
  /** One request by somebody. */
  step(): Promise<void>;
}

export function trafficOn(sessions: Sessions<Data>): Traffic {
  const answers = new Map<number, number>();
  let unexpected = 0;
  const arrive = (): Person => ({ browser: new TestBrowser(sessions), userId: null });
  const people = Array.from({ length: PEOPLE }, arrive);

  async function act(place: number, person: Person): Promise<number> {
    const { browser } = person;
    const chance = Math.random();
    if (chance < 0.05) {
      people[place] = arrive(); // never seen again: what they had expires
      return 200;
    }
    if (person.userId === null && chance < 0.35) {
      const userId = `user-${Math.floor(Math.random() * USERS)}`;
      const { status } = await browser.visit(
        (session) => session.login(userId, { label: "Firefox on Linux" }),
        POST,
      );
      if (status === 200) person.userId = userId;
      return status;
    }
    if (person.userId !== null && chance < 0.12) {
      const { status } = await browser.visit((session) => session.logout(), POST);
      person.userId = null;
      return status;
    }
    if (person.userId !== null && chance < 0.14) {
      await sessions.list(person.userId);
      return 200;
    }
    if (person.userId !== null && chance < 0.145) {
      await sessions.revokeAll(person.userId);
      return 200;
    }
    if (chance < 0.55) {
      const { status } = await browser.visit((session) => {
        session.update("visits", (visits) => Number(visits ?? 0) + 1);
        if (chance < 0.4) session.set("cart", ofHalfKilobyte.cart);
        if (chance > 0.5) session.flash("notice", "Added");
      }, POST);
      return status;
    }
    if (chance < 0.6) return (await browser.visit((session) => session.csrfToken())).status;
    return (await browser.visit((session) => [session.get("visits"), session.flashes()])).status;
  }

  return {
    answers,
    get unexpected() {
      return unexpected;
    },
    async step() {
      const place = Math.floor(Math.random() * PEOPLE);
      const person = people[place];
      if (!person) return;
      const status = await act(place, person);
      if (status === 401) person.userId = null;
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (!EXPECTED.has(status)) unexpected++;
    },
  };
}

const POST = { method: "POST" } as const;
