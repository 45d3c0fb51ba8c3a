/** What to try: each step shows one promise of Sojourn, and what to look for. */
import { seeds } from "../catalogue.ts";
import { type Html, html } from "../html.ts";

export function tryPage(origin: string, csrf: Html): Html {
  return html`<h1>What to try</h1>
    <p class="lead">Every step takes a minute. Start at the top, or pick what you would not expect to work.</p>
    <ol class="tries">
      <li>
        <h2>Fill the cart, then sign up</h2>
        <p>Put <a href="/">a few packets</a> into the cart as a visitor, then <a href="/sign-up">sign up</a>.
          The sign-in starts a new session with a new secret, and the cart comes along, because the shop said
          <code>keepOnLogin: ["cart"]</code>.</p>
      </li>
      <li>
        <h2>Two tabs lose nothing</h2>
        <p>Open <a href="/">the shop</a> in a second tab. Add a packet slowly here, and while that request
          is running add others over there. In the end the cart holds them all.</p>
        ${slowForm(csrf)}
      </li>
      <li>
        <h2>What ended stays ended</h2>
        <p>Sign in, add a packet slowly once more, and meanwhile sign out in the second tab. The slow request is
          refused: it cannot bring the session back.</p>
      </li>
      <li>
        <h2>A second browser</h2>
        <p>Open <a href="${origin}">${origin}</a> in another browser or a private window and sign in with the same
          account. Both are listed under <a href="/devices">your devices</a>. Sign the other one out; its next click
          leads to the sign-in page.</p>
      </li>
      <li>
        <h2>What happened to my account</h2>
        <p><a href="/activity">Activity</a> lists sign-ins, sign-outs and devices that were signed out, as the events of
          the sessions tell them.</p>
      </li>
      <li>
        <h2>Restart the server</h2>
        <p>Stop it with Ctrl-C, or kill it the hard way, and start it again. You are still signed in and the cart is
          full, since everything that was answered was stored first.</p>
      </li>
      <li>
        <h2>Stay signed in, or not</h2>
        <p>Sign in with and without “Stay signed in on this device”, and close the browser. Only one of the two cookies
          is still there. The time left stands at the top of each page. Asking for it does not extend it.</p>
      </li>
      <li>
        <h2>A forged form</h2>
        <p>Save this as a file and open it in the browser you are signed in with. The shop refuses the order that
          the button sends, because the page is not one of its own.</p>
        <pre tabindex="0" aria-label="A forged form"><code>${`<form method="post" action="${origin}/cart/add">\n  <input name="seed" value="poppy">\n  <button>Win a prize</button>\n</form>`}</code></pre>
      </li>
      <li>
        <h2>A session that ends</h2>
        <p>Start the server with <code>IDLE_MINUTES=1 npm start</code>, sign in, and leave the page alone. When the
          minute is over, the next click on <a href="/devices">your devices</a> asks you to sign in, and then takes you
          where you wanted to go.</p>
      </li>
    </ol>`;
}

function slowForm(csrf: Html): Html {
  return html`<form class="slow" method="post" action="/cart/add-slowly">
          ${csrf}
          <label for="slow-seed">Packet</label>
          <select id="slow-seed" name="seed">
            ${seeds.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}
          </select>
          <label for="slow-seconds">takes</label>
          <select id="slow-seconds" name="seconds">
            <option value="3">3 seconds</option>
            <option value="8" selected>8 seconds</option>
            <option value="20">20 seconds</option>
          </select>
          <button>Add slowly</button>
        </form>`;
}
