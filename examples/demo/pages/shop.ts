/** The front page: eight packets of seeds, and what this shop is really for. */
import { price, type Seed } from "../catalogue.ts";
import { type Html, html } from "../html.ts";
import { packetArt } from "./packet-art.ts";

export function shopPage(seeds: readonly Seed[], csrf: Html): Html {
  return html`<div class="intro">
      <h1>Seeds for small gardens</h1>
      <p class="lead">Eight packets, a cart, and a session that loses nothing.
        Fill the cart first and sign in later; open a second tab, a second browser; restart the server.
        <a href="/try">What to try, step by step</a></p>
    </div>
    <ul class="packets">
      ${seeds.map((seed, at) => packet(seed, at + 1, csrf))}
    </ul>`;
}

function packet(seed: Seed, number: number, csrf: Html): Html {
  return html`<li class="packet ${seed.id}" id="${seed.id}">
        <div class="art">${packetArt(seed.id)}<span class="number">No. ${number}</span></div>
        <div class="label">
          <h2>${seed.name}</h2>
          <p class="latin" lang="la">${seed.latin}</p>
          <p>${seed.about}</p>
          <p class="sow">Sow ${seed.sow}</p>
          <form method="post" action="/cart/add">
            ${csrf}<input type="hidden" name="seed" value="${seed.id}">
            <span class="price">${price(seed.cents)}</span>
            <button aria-label="Add to cart: ${seed.name}">Add to cart</button>
          </form>
        </div>
      </li>`;
}
