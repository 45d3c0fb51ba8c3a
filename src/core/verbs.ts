/** What acts at once on the session of a request, one after the other: login, renew, logout, save, consume. */
import {
  NotAVisitError,
  SessionEndedError,
  StoreUnavailableError,
  UndeliverableTokenError,
  ValueTakenError,
} from "../errors.ts";
import { logoutOther, switchTo } from "./account-turns.ts";
import { checkAccounts, currentAccount, keepAccounts, otherAccounts } from "./accounts.ts";
import { type ActingPlan, beginActing } from "./acting.ts";
import { ownValue } from "./change-set.ts";
import { slotOf } from "./deliveries.ts";
import type { UrlRefusal } from "./event-types.ts";
import { summaryOf } from "./events.ts";
import { checkHandoff, handOff, receive } from "./handoff.ts";
import { LOGIN_WINDOW_MS, type LoginPlan } from "./login.ts";
import { asGiven, planLogin } from "./login-plan.ts";
import { renew } from "./renewal.ts";
import type { RequestSession } from "./request-session.ts";
import { beginSecondFactor, endPending } from "./second-factor.ts";
import { noteLeftOut, signIn } from "./signing-in.ts";
import { SessionState } from "./state.ts";
import type { LoginOptions } from "./types.ts";
import type { ReadAddress } from "./url-address.ts";
import { redeem, refusalIn, settle } from "./url-arrival.ts";
import { makeUrl, type UrlOptions } from "./url-making.ts";
import { isVisit } from "./visit-check.ts";
import type { Writer } from "./writer.ts";

type Values = Record<string, unknown>;

export class Verbs {
  readonly #request: RequestSession;
  readonly #writer: Writer;

  constructor(request: RequestSession, writer: Writer) {
    this.#request = request;
    this.#writer = writer;
  }

  async login(userId: string, options: LoginOptions<Values>): Promise<void> {
    const plan = planLogin(this.#request, userId, options);
    const asked = { plan, options: asGiven(options, plan) };
    await this.#writer.act("login", async (request) => {
      const { engine, state, deliveries, presented } = request;
      request.checkNotActing("login");
      request.checkDeliverable("login");
      request.checkUnrefused();
      checkWindow(plan, engine.now());
      const batch = state.takeBatch();
      const signedIn = await this.#writer.batched(() => signIn(request, asked, batch));
      const { hold, from } = signedIn;
      if (signedIn.isBeside) request.state = state.successor(hold);
      else state.settleBatch(hold);
      request.state.ended = null;
      keepAccounts(request, signedIn.others);
      deliveries.withdraw("visitor");
      const heldVisitor = presented.either.length > 0 && from.old?.record.userId === null;
      if (presented.visitor.length > 0 || heldVisitor || request.adopted) deliveries.clear("visitor");
      request.adopted = null;
      request.csrf.forget();
      dropActing(request);
      deliveries.owe(hold, engine.now());
      request.emit("created", summaryOf(hold.record));
      noteLeftOut(engine, signedIn);
      await endPendingQuietly(request);
    });
  }

  /** Remembers a proven first factor; nobody is signed in by it. */
  async beginSecondFactor(userId: string, options: LoginOptions<Values>): Promise<void> {
    const plan = planLogin(this.#request, userId, options);
    const { ticket: _, ...carried } = asGiven(options, plan);
    await this.#writer.act("beginSecondFactor", async (request) => {
      request.checkNotActing("beginSecondFactor");
      request.checkDeliverable("beginSecondFactor");
      request.checkUnrefused();
      checkWindow(plan, request.engine.now());
      await beginSecondFactor(request, plan, carried);
    });
  }

  async handoff(name: string, data: unknown): Promise<string> {
    checkHandoff(name);
    const copied = this.#request.engine.shape.copy("handoff", data);
    return this.#writer.act("handoff", (request) => {
      request.checkDeliverable("handoff");
      return handOff(request, name, copied);
    });
  }

  async receive(name: string, state: unknown): Promise<unknown> {
    checkHandoff(name);
    return this.#writer.act("receive", (request) => receive(request, name, state));
  }

  async renew(): Promise<void> {
    await this.#writer.act("renew", async (request) => {
      const { engine, state, deliveries } = request;
      if (!state.hold) return;
      request.checkDeliverable("renew");
      await this.#writer.checkActor();
      const renewed = await renew(engine, state.hold);
      state.hold = renewed.hold;
      deliveries.owe(renewed.hold, engine.now());
      if (renewed.doubt) throw renewed.doubt;
      request.emit("renewed", summaryOf(renewed.hold.record));
    });
  }

  async switchTo(id: string): Promise<boolean> {
    checkAccounts(this.#request, "switchTo()");
    return this.#writer.act("switchTo", async (request) => {
      request.checkNotActing("switchTo");
      request.checkDeliverable("switchTo");
      const isSwitched = await switchTo(request, id, () => this.#writer.commit(false));
      if (isSwitched) dropActing(request);
      return isSwitched;
    });
  }

  /** Of the current account, or of another one in this browser. */
  async logout(id?: string): Promise<void> {
    if (id === undefined) return this.#logout("this");
    checkAccounts(this.#request, "logout(id)");
    if (id === currentAccount(this.#request)?.record.id) return this.#logout("this");
    await this.#writer.act("logout", (request) => logoutOther(request, id, (hold) => this.#writer.end(hold)));
  }

  async logoutAll(): Promise<void> {
    checkAccounts(this.#request, "logoutAll()");
    await this.#logout("all");
  }

  /** Ends the session in the store first. A fault leaves the cookies alone. */
  async #logout(which: "this" | "all"): Promise<void> {
    await this.#writer.act("logout", async (request) => {
      if (which === "all") request.checkUnrefused();
      const { state, own } = request;
      state.setAside(); // goes with the session; what is written from now on is the fresh visitor's
      const others = await this.#writer.batched(() => otherAccounts(request));
      if (which === "all") for (const other of others) await this.#writer.end(other);
      const holds = [state.hold, own?.hold ?? null].filter((hold) => hold !== null);
      for (const hold of holds) {
        await this.#writer.end(hold);
        request.deliveries.clear(slotOf(hold));
        request.absence = "logged-out";
      }
      if (holds.length + others.length > 0) request.csrf.forget();
      dropActing(request);
      request.state = state.successor();
      keepAccounts(request, which === "all" ? [] : others);
    });
  }

  /** Acts for somebody from here on. What was written before is the user's own, and is stored first. */
  async actAs(plan: ActingPlan): Promise<void> {
    await this.#writer.act("actAs", async (request) => {
      const { engine, deliveries } = request;
      request.checkNotActing("actAs");
      request.checkDeliverable("actAs");
      if (request.tracking.isHeld) throw new UndeliverableTokenError("actAs", "cookies only");
      request.checkUnrefused();
      checkWindow({ since: { startedAt: request.openedAt } }, engine.now());
      await this.#writer.commit(false);
      const { state } = request;
      if (!state.hold) throw new SessionEndedError(state.ended ?? "unknown");
      const hold = await beginActing(request, state.hold, plan);
      request.own = new SessionState(engine, state.hold);
      request.state = state.successor(hold);
      deliveries.owe(hold, engine.now());
      request.emit("created", summaryOf(hold.record));
    });
  }

  /** Ends that in the store first. What was written and not stored goes with it. */
  async stopActing(): Promise<void> {
    await this.#writer.act("stopActing", async (request) => {
      const { state, own } = request;
      if (own) {
        state.setAside();
        if (state.hold) await this.#writer.end(state.hold);
        request.state = state.successor(own.hold);
        request.deliveries.clear("acting");
      }
      dropActing(request);
    });
  }

  /** Stores what was written; the cookie of a visitor's first save is owed like that of a login. */
  async save(): Promise<void> {
    await this.#writer.act("save", () => this.#writer.commit(false));
  }

  /** Takes a value and stores that at once, with what else was written so far. */
  async consume(key: string): Promise<unknown> {
    let taken: unknown;
    await this.#writer.act("consume", async ({ state }) => {
      if (state.ended !== null) throw new SessionEndedError(state.ended);
      taken = ownValue(state.body.data, key);
      if (taken === undefined) return;
      state.write((changes, seen) => changes.record({ kind: "take", key, seen: taken }, seen));
      try {
        await this.#writer.commit(false);
      } catch (error) {
        // The claim failed and is over; the handler may say so with any answer. What else was written still waits.
        if (error instanceof ValueTakenError) state.dropClaim(key);
        throw error;
      }
    });
    return taken;
  }

  /** Stores what was written, so that it goes over, and answers the address. */
  async url(to: string, options: UrlOptions): Promise<string> {
    return this.#writer.act("url", async (request) => {
      await this.#writer.commit(false);
      request.hidesAddress = true;
      return makeUrl(request, to, options);
    });
  }

  /** What came in the address becomes a session of this browser, if it has none and the token is good. */
  async arrive(address: ReadAddress): Promise<UrlRefusal | null> {
    this.#request.hidesAddress = true;
    if (!isVisit(this.#request.view)) throw new NotAVisitError();
    return this.#writer.act("arrive", async (request) => {
      const { engine, state, deliveries, presented } = request;
      const arriving = await redeem(request, address);
      if (typeof arriving === "string") return arriving;
      if (state.hold) return null; // it is that very session
      request.checkDeliverable("arrive");
      try {
        const hold = await this.#writer.batched(() => settle(request, arriving, state.takeBatch().changes));
        state.settleBatch(hold);
        state.ended = null;
        if (presented.visitor.length > 0 && arriving.user) deliveries.clear("visitor");
        if (arriving.user) request.csrf.forget();
        deliveries.owe(hold, engine.now());
        request.emit("created", summaryOf(hold.record));
        return null;
      } catch (error) {
        const refusal = refusalIn(error);
        if (refusal === null) throw error;
        return refusal;
      }
    });
  }
}

/** The user is signed in; a first factor left behind could only begin the second one again, for ten minutes at most. */
async function endPendingQuietly(request: RequestSession): Promise<void> {
  try {
    await endPending(request);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    request.deliveries.clear("pending");
  }
}

/** The cookie beside the own one is of no use any more. */
function dropActing(request: RequestSession): void {
  if (request.own || request.tracking.find("acting").length > 0) {
    request.deliveries.clear("acting");
  }
  request.own = null;
  request.actingOver = null;
}

/** The store remembers a revocation for a quarter of an hour, so a login must not take longer. */
function checkWindow(plan: Pick<LoginPlan, "since">, now: number): void {
  if (!("startedAt" in plan.since) || now - plan.since.startedAt <= LOGIN_WINDOW_MS) return;
  throw new SessionEndedError(
    "revoked",
    "This came more than 10 minutes after its request began, so a revocation in between could be missed. " +
      "Take a ticket from beginLogin() just before the password check.",
  );
}
