/** The data of the sessions that are measured: a shop's. */

export const plain = {
  name: "Ada Lovelace",
  roles: ["admin", "editor"],
  address: { street: "12 St James's Square", city: "London", zip: "SW1Y 4JH" },
  cart: [
    { sku: "A-1001", quantity: 2, price: 19.99, title: "Tea, Earl Grey" },
    { sku: "B-2002", quantity: 1, price: 5.5, title: "Milk" },
    { sku: "C-3003", quantity: 12, price: 0.99, title: "Biscuits" },
  ],
  theme: "dark",
  visits: 42,
  returnTo: "/account/orders?page=2",
  flags: { beta: true, news: false, tour: null },
};

/** 500 bytes as JSON, with the list around it that is stored. */
export const ofHalfKilobyte = { ...plain, lastSearch: "loose leaf tea, second flush, organic, 500 g bag" };

/** With what JSON cannot carry. */
export const rich = {
  ...plain,
  since: new Date(1_700_000_000_123),
  seen: new Map([
    ["A-1001", new Date(1_700_000_100_000)],
    ["B-2002", new Date(1_700_000_200_000)],
  ]),
  tags: new Set(["new", "sale"]),
  credit: 12_345_678_901_234_567_890n,
  avatar: new URL("https://shop.example/a/1.png"),
  note: undefined,
  key: Uint8Array.from({ length: 32 }, (_, index) => index * 7),
};
