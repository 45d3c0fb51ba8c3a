import { describe, expect, test } from "vitest";
import { readFormToken } from "./form-token.ts";

const URLENCODED = "application/x-www-form-urlencoded";
const BOUNDARY = "----b";

function post(body: ConstructorParameters<typeof Response>[0], type: string): Request {
  return new Request("https://app.example/", {
    method: "POST",
    body,
    headers: { "content-type": type },
    duplex: "half",
  } as RequestInit);
}

function multipart(...parts: readonly string[]): string {
  return `${parts.map((part) => `--${BOUNDARY}\r\n${part}\r\n`).join("")}--${BOUNDARY}--\r\n`;
}

const field = (name: string, value: string): string =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

/** A body in pieces, which can be endless. */
function streamOf(pieces: Iterable<string>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    },
  });
}

describe("the _csrf field", () => {
  test.each([
    ["urlencoded", post("item=tea&_csrf=abc&x=1", URLENCODED)],
    ["urlencoded, alone", post("_csrf=abc", `${URLENCODED}; charset=utf-8`)],
    ["urlencoded, its name encoded", post("%5Fcsrf=abc", URLENCODED)],
    ["multipart", post(multipart(field("item", "tea"), field("_csrf", "abc")), MULTIPART)],
    ["multipart in drips", post(streamOf(multipart(field("_csrf", "abc"))), MULTIPART)],
    [
      "ahead of a big file",
      post(multipart(field("_csrf", "abc"), field("file", "x".repeat(2 << 20))), MULTIPART),
    ],
  ])("is found: %s", async (_name, request) => {
    expect(await readFormToken(request)).toBe("abc");
  });

  test("is found in what a runtime's own FormData makes", async () => {
    const form = new FormData();
    form.set("file", new Blob(["x".repeat(5000)]), "a.txt");
    form.set("_csrf", "abc");
    const request = new Request("https://app.example/", { method: "POST", body: form });
    expect(await readFormToken(request)).toBe("abc");
    expect(await request.text()).toContain('name="_csrf"');
  });

  test.each([
    ["another content type", post('{"_csrf":"abc"}', "application/json")],
    ["plain text that looks like a form", post("_csrf=abc", "text/plain")],
    ["another field", post("csrf=abc&x_csrf=1", URLENCODED)],
    ["a value cut off by the limit", post(`${"x".repeat((1 << 20) + 10)}&_csrf=abc`, URLENCODED)],
    [
      "behind a big file",
      post(multipart(field("file", "x".repeat(2 << 20)), field("_csrf", "abc")), MULTIPART),
    ],
    ["a value too long to be a token", post(multipart(field("_csrf", "x".repeat(1000))), MULTIPART)],
    [
      "no body",
      new Request("https://app.example/", { method: "POST", headers: { "content-type": URLENCODED } }),
    ],
  ])("is not read from %s", async (_name, request) => {
    expect(await readFormToken(request)).toBeUndefined();
  });

  test("leaves the handler its body", async () => {
    const request = post("_csrf=abc&item=tea", URLENCODED);
    await readFormToken(request);
    expect(request.bodyUsed).toBe(false);
    expect(await request.text()).toBe("_csrf=abc&item=tea");
  });

  test("is not looked for in a body that was used already", async () => {
    const request = post("_csrf=abc", URLENCODED);
    await request.text();
    expect(await readFormToken(request)).toBeUndefined();
  });

  test("of an endless body ends the search at the limit", async () => {
    let pieces = 0;
    const endless = (function* () {
      for (;;) {
        pieces += 1;
        yield "x".repeat(64 * 1024);
      }
    })();
    expect(await readFormToken(post(streamOf(endless), MULTIPART))).toBeUndefined();
    expect(pieces).toBeLessThan(25);
  });

  test("of a body that breaks off is absent", async () => {
    const broken = new ReadableStream({
      pull: (controller) => controller.error(new Error("the client went away")),
    });
    expect(await readFormToken(post(broken, URLENCODED))).toBeUndefined();
  });
});
