// Somebody with one browser, who does this and that, mostly at any of the servers and sometimes in two tabs at once.
import { expect } from "vitest";
import { HttpBrowser } from "../../../src/testing/adapter-contract/http-browser.ts";
import type { Fleet } from "./fleet.ts";
import type { Login, Referee } from "./referee.ts";
import type { Me } from "./server.ts";

export class Person {
  readonly userId: string;
  readonly #fleet: Fleet;
  readonly #referee: Referee;
  readonly #random: () => number;
  #browser: HttpBrowser;
  login: Login | null = null;

  constructor(userId: string, fleet: Fleet, referee: Referee, random: () => number) {
    this.userId = userId;
    this.#fleet = fleet;
    this.#referee = referee;
    this.#random = random;
    this.#browser = this.#newBrowser();
  }

  #newBrowser(): HttpBrowser {
    return new HttpBrowser(this.#fleet.client(this.#random));
  }

  async act(): Promise<void> {
    if (this.login === null) return this.#signIn();
    const chance = this.#random();
    if (chance < 0.5) return this.#count(this.login, 1 + Math.floor(this.#random() * 3));
    if (chance < 0.62) return this.#renew(this.login);
    if (chance < 0.74) return this.#endOthers(this.login);
    if (chance < 0.86) return this.#signOut(this.login);
    return this.#haunt();
  }

  /** Tries again while somebody else's revocations refuse it. */
  async signInUnlessIn(): Promise<void> {
    while (this.login === null) await this.#signIn();
  }

  async #signIn(): Promise<void> {
    this.#browser = this.#newBrowser();
    const began = this.#referee.moment();
    const { status, body } = await this.#browser.post(`/login?user=${this.userId}`);
    // A ticket that was drawn before somebody else's revocation is refused. That is its purpose.
    if (status === 401) return this.#referee.note("logins refused");
    expect(status).toBe(200);
    const { id } = JSON.parse(body) as Me;
    const { userId } = this;
    this.login = { userId, id: id ?? "", began, ended: this.#referee.moment(), counted: 0, doubtful: 0 };
    this.#referee.note("logins");
  }

  async #count(login: Login, tabs: number): Promise<void> {
    await Promise.all(
      Array.from({ length: tabs }, async () => {
        const status = await this.#ask(login, "/count");
        if (status === 200) login.counted++;
        if (status === 503) login.doubtful++;
        if (status === 200) this.#referee.note("increments");
      }),
    );
  }

  async #renew(login: Login): Promise<void> {
    if ((await this.#ask(login, "/renew")) === 200) this.#referee.note("renewals");
  }

  async #signOut(login: Login): Promise<void> {
    const before = this.#browser.copy();
    if ((await this.#ask(login, "/logout")) !== 200) return;
    this.#referee.note("logouts");
    this.#lost(login, before);
  }

  async #endOthers(login: Login): Promise<void> {
    const revocation = this.#referee.revokes(login);
    revocation.isSure = (await this.#ask(login, "/end-others")) === 200;
    if (revocation.isSure) this.#referee.note("revocations");
    revocation.ended = this.#referee.moment();
  }

  /** The cookies of a session that has ended, at any server. */
  async #haunt(): Promise<void> {
    const { ghosts } = this.#referee;
    const ghost = ghosts[Math.floor(this.#random() * ghosts.length)];
    if (!ghost) return;
    const { body } = await ghost.visit("/me");
    expect((JSON.parse(body) as Me).userId, "a session that ended came back").toBeNull();
    this.#referee.note("ghosts");
  }

  /** A request of the session; what its answer says of the session must be possible. */
  async #ask(login: Login, path: string): Promise<number> {
    const began = this.#referee.moment();
    const before = this.#browser.copy();
    const { status } = await this.#browser.post(path);
    if (status === 200) this.#referee.mayBeAlive(login, began);
    else if (status === 401) {
      this.#referee.mayBeGone(login);
      this.#lost(login, before);
    } else expect([503], path).toContain(status);
    return status;
  }

  #lost(login: Login, before: HttpBrowser): void {
    if (this.login !== login) return;
    this.login = null;
    this.#referee.ghosts.push(before);
  }

  /** While nothing is under way: every server says the same, and it is what the referee knows. */
  async check(): Promise<void> {
    const { login } = this;
    const answers: Me[] = [];
    for (const server of this.#fleet.servers) {
      const { body } = await new HttpBrowser(server, this.#browser.jar).visit("/me");
      answers.push(JSON.parse(body) as Me);
    }
    await this.#browser.visit("/me"); // so that it counts as used
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const [me] = answers;
    if (!me || login === null) {
      expect(me?.userId ?? null).toBeNull();
      return;
    }
    if (me.userId === null) {
      this.#referee.mayBeGone(login);
      return this.#lost(login, this.#browser.copy());
    }
    this.#referee.mayBeAlive(login, this.#referee.moment());
    expect(me.id).toBe(login.id);
    expect(me.count).toBeGreaterThanOrEqual(login.counted);
    expect(me.count).toBeLessThanOrEqual(login.counted + login.doubtful);
  }

  /** After so long that it ran out. */
  async expectExpired(): Promise<void> {
    const { login } = this;
    const { body } = await this.#browser.visit("/me");
    expect((JSON.parse(body) as Me).userId).toBeNull();
    if (login) this.#lost(login, this.#browser.copy());
    this.#referee.note("expired");
  }
}
