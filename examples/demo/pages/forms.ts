/** Form fields that say what is wrong with them, to eyes and to screen readers alike. */
import { type Html, html } from "../html.ts";
import { packetArt } from "./packet-art.ts";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password";
  readonly autocomplete: string;
  readonly hint?: string;
  readonly value?: string | undefined;
  /** What is wrong with it. */
  readonly problem?: string | undefined;
}

export function textField(field: Field): Html {
  const { name, label, type = "text", autocomplete, hint, value = "", problem } = field;
  const described = [problem && `${name}-problem`, hint && `${name}-hint`].filter(Boolean).join(" ");
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${problem && html`<p class="problem" id="${name}-problem">${problem}</p>`}
    <input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" required
      ${described !== "" && html`aria-describedby="${described}"`}
      ${problem && html`aria-invalid="true" autofocus`}
      ${type === "password" && html`maxlength="200"`}>
  </div>`;
}

/** A form or a message, and where there is room a picture beside it. */
export function sheet(seed: string, content: Html): Html {
  return html`<div class="sheet"><div>${content}</div><div class="plate ${seed}">${packetArt(seed)}</div></div>`;
}

/** Above a form that was refused, so that nobody has to search for the reason. */
export function formProblem(problem: string | undefined): Html | undefined {
  return problem === undefined ? undefined : html`<p class="flash problem" role="alert">${problem}</p>`;
}
