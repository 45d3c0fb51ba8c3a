/** The pictures on the packets, drawn from a few shapes: no image files, nothing to load. */
import { type Html, html } from "../html.ts";

/** Shapes around the point 0,0: each petal is one path pointing upwards, turned into its place. */
function ring(count: number, path: string, className: string, from = 0): Html {
  const turns = Array.from({ length: count }, (_, at) => Math.round((from + (at * 360) / count) * 10) / 10);
  return html`<g class="${className}">${turns.map((turn) => html`<path d="${path}" transform="rotate(${turn})"/>`)}</g>`;
}

function dots(count: number, distance: number, radius: number, className: string): Html {
  const angles = Array.from({ length: count }, (_, at) => (at * 2 * Math.PI) / count);
  return html`<g class="${className}">${angles.map(
    (angle) =>
      html`<circle cx="${round(distance * Math.sin(angle))}" cy="${round(-distance * Math.cos(angle))}" r="${radius}"/>`,
  )}</g>`;
}

function at(x: number, y: number, scale: number, content: Html, turn = 0): Html {
  return html`<g transform="translate(${x} ${y}) rotate(${turn}) scale(${scale})">${content}</g>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const STAR = "M0 -4C-15 -16 -13 -36 0 -58C13 -36 15 -16 0 -4Z";
const SEPAL = "M0 0C-5 -16 -4 -34 0 -50C4 -34 5 -16 0 0Z";
const SPOON = "M-4 -6C-6 -22 -30 -30 -26 -48C-20 -62 20 -62 26 -48C30 -30 6 -22 4 -6Z";
const BROAD = "M0 0C-46 -8 -48 -52 -22 -60C-10 -66 10 -66 22 -60C48 -52 46 -8 0 0Z";
const STRAP = "M-5 -8L-8 -46C-7 -56 7 -56 8 -46L5 -8Z";
const FAN = "M-2 -10L-15 -46L-9 -58L-3 -48L0 -62L3 -48L9 -58L15 -46L2 -10Z";
const THREAD = "M-1.2 -4L-2.6 -25L0 -31L2.6 -25L1.2 -4Z";

const borage = html`${ring(5, SEPAL, "c", 36)}${ring(5, STAR, "a")}${ring(5, "M0 -2L-5 -15L0 -12L5 -15Z", "d")}${ring(5, "M0 0L-3 -9L0 -20L3 -9Z", "e", 36)}`;
const nasturtium = html`${ring(5, SPOON, "a")}${ring(5, "M0 -14L-1 -36M0 -14L-8 -33M0 -14L8 -33", "veins")}<circle r="10" class="b"/><circle r="4.5" class="e"/>`;
const leaf = html`<circle r="40" class="c"/>${ring(8, "M0 -3L0 -34", "leaf-veins")}`;
const poppy = html`${ring(2, BROAD, "b", 90)}${ring(2, BROAD, "a")}${ring(4, "M0 0C-13 -6 -13 -20 0 -26C13 -20 13 -6 0 0Z", "e")}${dots(16, 20, 2, "e")}<circle r="9" class="c"/>${ring(8, "M0 0L0 -8", "fine")}`;
const marigold = html`${ring(20, STRAP, "b", 9)}${ring(18, "M-5 -8L-7 -36C-6 -45 6 -45 7 -36L5 -8Z", "a")}<circle r="18" class="e"/>${dots(12, 13, 2.2, "d")}${dots(7, 7, 2, "d")}`;
const cornflower = html`${ring(9, FAN, "a")}${ring(12, THREAD, "b", 15)}<circle r="7" class="e"/>${dots(7, 8, 1.8, "d")}`;
const umbel = html`${ring(7, "M0 0L0 -26", "fine")}${dots(7, 28, 4.2, "a")}${dots(7, 20, 3, "b")}<circle r="3.4" class="a"/>`;

const dill = html`<path class="stem" d="M120 190L120 108M120 108L52 66M120 108L80 40M120 108L120 30M120 108L160 40M120 108L188 66"/>
  ${at(50, 62, 0.86, umbel, 10)}${at(78, 36, 0.86, umbel, 30)}${at(120, 26, 0.92, umbel)}${at(162, 36, 0.86, umbel, 20)}${at(190, 62, 0.86, umbel, 40)}
  <path class="stem" d="M120 150C104 146 96 138 90 124M104 141L92 143M97 134L86 133M120 160C136 156 146 148 152 134M136 151L149 153M144 143L156 143"/>`;

const pod = html`<path class="a" d="M-92 -4C-84 -34 70 -38 100 -8C72 26 -74 30 -92 -4Z"/><path class="b" d="M-80 -4C-70 -24 66 -26 86 -7C64 13 -66 16 -80 -4Z"/>
  ${[-54, -18, 18, 52].map((x) => html`<g transform="translate(${x} -5)"><ellipse rx="16" ry="12.5" class="d"/><path class="e" d="M-5 -9.5C-2 -7.5 2 -7.5 5 -9.5C4 -12.5 -4 -12.5 -5 -9.5Z"/></g>`)}
  <path class="stem" d="M98 -8C108 -12 114 -20 116 -30M-92 -4L-102 0"/>`;

const chardLeaf = (stem: string): Html =>
  html`<path class="c" d="M0 -6C-34 -10 -42 -48 -26 -78C-18 -94 -6 -100 0 -106C6 -100 18 -94 26 -78C42 -48 34 -10 0 -6Z"/><path class="rib ${stem}" d="M0 82L0 -88M0 -20L-22 -42M0 -20L22 -42M0 -46L-19 -68M0 -46L19 -68"/><path class="foot ${stem}" d="M0 90L0 -8"/>`;

const PICTURES: Readonly<Record<string, Html>> = {
  borage: html`${at(70, 104, 1.05, borage, 12)}${at(170, 74, 0.92, borage, -20)}${at(150, 164, 0.62, borage, 30)}${at(28, 26, 0.5, borage)}`,
  nasturtium: html`${at(206, 160, 1.1, leaf, 12)}${at(24, 38, 0.86, leaf)}${at(112, 92, 1.22, nasturtium, 6)}${at(204, 44, 0.6, nasturtium, -24)}`,
  poppy: html`<path class="stem" d="M122 92C128 130 120 160 112 200M38 70C34 110 44 150 40 200"/>${at(136, 88, 1.15, poppy, 18)}${at(38, 58, 0.62, poppy, -30)}`,
  marigold: html`${at(112, 92, 1.3, marigold)}${at(222, 168, 0.9, marigold, 5)}${at(18, 14, 0.8, marigold, 5)}`,
  cornflower: html`<path class="stem" d="M84 84C92 130 90 160 88 200M176 116C172 150 160 180 158 200"/>${at(84, 80, 1.14, cornflower)}${at(178, 116, 0.86, cornflower, 20)}${at(182, 26, 0.5, cornflower, 8)}`,
  dill,
  "broad-bean": html`${at(124, 60, 0.98, pod, -14)}${at(114, 132, 0.9, pod, -8)}`,
  chard: html`${at(58, 122, 1, chardLeaf("yellow"), -14)}${at(186, 124, 1, chardLeaf("orange"), 15)}${at(121, 116, 1.08, chardLeaf("pink"), 1)}`,
};

export function packetArt(seed: string): Html {
  return html`<svg viewBox="0 0 240 180" preserveAspectRatio="xMidYMid slice" aria-hidden="true">${PICTURES[seed]}</svg>`;
}
