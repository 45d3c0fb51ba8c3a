/** A neutral reply as a fetch Response: for harnesses of frameworks that take one. */
import type { Reply } from "./app.ts";

export function toResponse({ status = 200, headers = [], body }: Reply): Response {
  const lines = new Headers();
  for (const [name, value] of headers) lines.append(name, value);
  const mayHaveBody = status !== 204 && status !== 304;
  return new Response(mayHaveBody && body !== undefined ? bodyOf(body) : null, { status, headers: lines });
}

function bodyOf(body: string | AsyncIterable<string>): string | ReadableStream {
  if (typeof body === "string") return body;
  const encoder = new TextEncoder();
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
