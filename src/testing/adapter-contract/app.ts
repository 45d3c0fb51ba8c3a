/**
 * The application of the contract in no framework's terms. A harness translates it: mount the adapter as told, find the
 * route by its path, run it, send its reply.
 */
import type { Sessions } from "../../core/manager-types.ts";
import type { Session } from "../../core/types.ts";
import type { SojournError } from "../../errors.ts";
import type { Client, HeaderLine } from "./client.ts";

export type Values = Record<string, unknown>;

/** How a framework that hands out Node's response can be made to send a reply. */
export type Shape =
  | "end"
  | "write, then end"
  | "pipeline"
  | "writeHead with an object"
  | "writeHead with a flat array"
  | "writeHead with an array of pairs"
  | "writeHead with a message"
  | "flushHeaders first";

export interface Reply {
  /** Default 200. */
  readonly status?: number;
  /** A name may come more than once. */
  readonly headers?: readonly HeaderLine[];
  /** Default: none. Pieces go out one by one, as they come. */
  readonly body?: string | AsyncIterable<string>;
  /** Default: as the framework does it. Only one of the harness's `shapes` is asked for. */
  readonly shape?: Shape;
  /** Throw the response instead of returning it. Only where the harness does not lack `thrown responses`. */
  readonly thrown?: true;
}

export interface Context {
  /** What `sessions.of(request)` takes. */
  readonly request: object;
  /** The session as the framework hands it out; asked for only by routes that use it. */
  readonly session: Session<Values>;
  /** The fields of a urlencoded body, read by the means of the framework. */
  form(): Promise<Readonly<Record<string, string>>>;
}

export type Route = (context: Context) => Reply | Promise<Reply>;

/** The adapter's options in no framework's terms. */
export interface NeutralOptions {
  readonly lazy?: boolean;
  readonly signInPath?: string;
  readonly csrf?: false | { readonly exempt: string };
  /** `skip`, told the path of the request. */
  readonly skips?: (path: string) => boolean;
  /** `onFailure`, with the answer in neutral terms. */
  readonly failure?: (error: SojournError) => { readonly status: number; readonly body: string } | undefined;
}

export interface App {
  readonly sessions: Sessions<Values>;
  readonly options: NeutralOptions;
  /** Mounted around or behind the first: the same manager once more, or another one. */
  readonly second?: Sessions<Values>;
  /** The options of that mount; none unless given. */
  readonly secondOptions?: NeutralOptions;
  /** Mounts the second for this path and those below it only. */
  readonly secondPath?: string;
  /** The path whose route alone is exempt from the CSRF check, in the framework's own way. */
  readonly exemptPath?: string;
  /** By path, without the query. Anything else is answered 404, behind the adapter. */
  readonly routes: Readonly<Record<string, Route>>;
}

/** What an adapter may be unable to do, or its framework to express. */
export type Feature =
  /** Throwing a Response to answer with it. */
  | "thrown responses"
  /** Upgrade requests that reach handlers. */
  | "upgrade requests";

export interface Served extends AsyncDisposable {
  readonly client: Client;
  readonly port: number;
}

export interface AdapterHarness {
  /** Serves on a free port of 127.0.0.1, over plain http. */
  serve(app: App): Promise<Served>;
  /** The shapes it can send, beside its own way. */
  readonly shapes: readonly Shape[];
  /** Where `second` is mounted: around the first (default), or within it, as middleware mounted later is. */
  readonly secondIs?: "around" | "within";
  /** What it cannot do, with the reason: those cases are skipped. */
  readonly lacks?: Readonly<Partial<Record<Feature, string>>>;
}
