/** How the cases talk to a server: one request, one answer, nothing tidied up on the way. */

export type HeaderLine = readonly [name: string, value: string];

export interface ClientRequest {
  /** Default GET. */
  readonly method?: string;
  readonly path: string;
  /** Sent as they are, in this order, after Host. */
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
}

export interface AnswerHead {
  readonly status: number;
  /** Every line, in order, names in lower case. */
  readonly headers: readonly HeaderLine[];
  /** The statuses of interim answers (1xx) that came first. */
  readonly interim: readonly number[];
}

export interface Answer extends AnswerHead {
  readonly body: string;
  readonly trailers: readonly HeaderLine[];
}

/** An answer while it comes in. */
export interface LiveAnswer {
  readonly head: Promise<AnswerHead>;
  /** The next piece of the body, `null` at its end. Rejects when the answer is cut short. */
  next(): Promise<string | null>;
  /** Leaves, as a browser does that is closed. */
  abort(): void;
}

export interface Client {
  /** Rejects when the answer is cut short, or when there is more of it than its headers say. */
  send(request: ClientRequest): Promise<Answer>;
  start(request: ClientRequest): LiveAnswer;
}

/** The values of all lines of one name. */
export function headerLines(answer: Pick<AnswerHead, "headers">, name: string): readonly string[] {
  return answer.headers.filter(([line]) => line === name).map(([, value]) => value);
}

export function headerOf(answer: Pick<AnswerHead, "headers">, name: string): string | undefined {
  const values = headerLines(answer, name);
  return values.length > 1 ? values.join(", ") : values[0];
}
