/** Cookies: the header of every request is read, and a line is written where a token goes out. */
import type { Connection } from "../../src/core/request.ts";
import { cookieTransport } from "../../src/transports/cookie.ts";
import type { Group } from "./piece.ts";
import { ORIGIN, viewOf } from "./views.ts";

const TOKEN = "Ab0_".repeat(16);
const OURS = `__Host-Http-sid=${TOKEN}`;

/** Ours among others, in the middle: as browsers send them where analytics and consent have set theirs. */
function headerOf(cookies: number, bytesEach = 40): string {
  const others = Array.from(
    { length: cookies - 1 },
    (_, at) => `_other${at}=${"x".repeat(Math.max(0, bytesEach - 9))}`,
  );
  return [...others.slice(0, cookies / 2), OURS, ...others.slice(cookies / 2)].join("; ");
}

export function cookies(): Group {
  const transport = cookieTransport();
  const connection: Connection = { door: "secure", origins: [ORIGIN], port: "443", seen: "https" };
  const reading = (name: string, header: string): Group["pieces"][number] => {
    const view = viewOf("GET", { cookie: header });
    return { name: `cookie: read ${name}`, act: () => transport.read(view, connection) };
  };
  const bare = viewOf("GET");
  return {
    title: "Cookies",
    pieces: [
      { name: "cookie: read no header", act: () => transport.read(bare, connection) },
      reading("1", headerOf(1)),
      reading("5", headerOf(5)),
      reading("30", headerOf(30)),
      reading("60 of 8 KB", headerOf(60, 136)),
      reading("60 of 8 KB, none ours", headerOf(60, 136).replace(OURS, "")),
      reading("64 KB of semicolons", ";".repeat(64 * 1024)),
      {
        name: "cookie: write a sign-in",
        act: () => transport.write({ what: "user", value: TOKEN, maxAge: null }, connection),
      },
      {
        name: "cookie: write a remembered one",
        act: () => transport.write({ what: "user", value: TOKEN, maxAge: 7_776_000 }, connection),
      },
      {
        name: "cookie: take one away",
        act: () => transport.write({ what: "user", value: null, maxAge: null }, connection),
      },
    ],
  };
}
