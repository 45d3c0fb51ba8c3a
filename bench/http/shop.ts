// What the sessions hold, and what is answered: the same for all.
import type { Acts } from "./subject.ts";

export interface Shop {
  theme: string;
  visits: number;
  name: string;
  roles: string[];
  address: Readonly<Record<"street" | "city" | "zip" | "country", string>>;
  cart: { sku: string; quantity: number; price: number; title: string }[];
  returnTo: string;
  since: string;
  news: boolean;
}

/** What a login puts into a session: 500 bytes as JSON, and a new object each time. */
export function shop(): Shop {
  return {
    theme: "dark",
    visits: 0,
    name: "Ada Lovelace",
    roles: ["customer", "editor"],
    address: { street: "12 St James's Square", city: "London", zip: "SW1Y 4JH", country: "United Kingdom" },
    cart: [
      { sku: "A-1001", quantity: 2, price: 19.99, title: "Tea, Earl Grey" },
      { sku: "B-2002", quantity: 1, price: 5.5, title: "Milk, whole" },
      { sku: "C-3003", quantity: 12, price: 0.99, title: "Biscuits with lemon" },
    ],
    returnTo: "/account/orders?page=2&sort=newest",
    since: "2026-01-01T00:00:00Z",
    news: false,
  };
}

export const DONE = { ok: true } as const;

/** What the bare framework does: nothing, and answers as many bytes. */
export const NOTHING: Acts<readonly unknown[]> = {
  anonymous: () => ({ user: null, theme: null }),
  read: () => ({ user: "user-0", theme: "dark" }),
  write: () => 1,
  login() {},
  logout() {},
};

/** The user that the body of a login names. */
export function userOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "user" in body && typeof body.user === "string")
    return body.user;
  throw new Error("the body of the login names no user");
}
