/** What is in the cart. It lives in the session, so it belongs to this browser. */
import { price, seeds } from "../catalogue.ts";
import { type Html, html } from "../html.ts";
import type { Cart } from "../sessions.ts";
import { packetArt } from "./packet-art.ts";

export function cartPage(cart: Readonly<Cart>, isSignedIn: boolean, csrf: Html): Html {
  const lines = seeds.map((seed) => ({ seed, count: cart[seed.id] ?? 0 })).filter(({ count }) => count > 0);
  if (lines.length === 0) {
    return html`<h1>Your cart</h1>
      <p class="lead">There is nothing in it yet. <a href="/">Choose a packet</a></p>`;
  }
  const packets = lines.reduce((sum, { count }) => sum + count, 0);
  const total = lines.reduce((sum, { seed, count }) => sum + seed.cents * count, 0);
  return html`<h1>Your cart</h1>
    <div class="basket">
    <ul class="lines">
      ${lines.map(
        ({ seed, count }) => html`<li>
        <span class="thumb ${seed.id}">${packetArt(seed.id)}</span>
        <h2>${seed.name}</h2>
        <div class="steps">
          ${step(seed, -1, csrf)}
          <span class="amount"><span class="visually-hidden">${seed.name}: </span>${count}</span>
          ${step(seed, 1, csrf)}
        </div>
        <span class="price">${price(seed.cents * count)}</span>
      </li>`,
      )}
    </ul>
    <form class="order" method="post" action="/cart/order">
      <p class="total"><span>${packets} ${packets === 1 ? "packet" : "packets"}</span> <b>${price(total)}</b></p>
      ${csrf}<button class="main">Place the order</button>
      <p class="hint">${
        isSignedIn
          ? "Nothing is charged and nothing is sent: this shop is a demonstration."
          : "You will be asked to sign in or to sign up first. The cart comes along."
      }</p>
    </form>
    </div>`;
}

function step(seed: { readonly id: string; readonly name: string }, by: 1 | -1, csrf: Html): Html {
  return html`<form method="post" action="/cart/change">
            ${csrf}<input type="hidden" name="seed" value="${seed.id}"><input type="hidden" name="by" value="${by}">
            <button class="step" aria-label="${by === 1 ? `One more ${seed.name}` : `One ${seed.name} less`}">${by === 1 ? "+" : "−"}</button>
          </form>`;
}
