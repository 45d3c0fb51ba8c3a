/** What is measured of each store: the shape of bench/results/scale.json. */
import type { Machine } from "../shared/machine.ts";
import type { Cost } from "./cost.ts";
import type { Crowd } from "./crowd.ts";
import type { Sweeping } from "./sweeping.ts";

export const PARTS = ["cost", "crowd", "sweep"] as const;
export type Part = (typeof PARTS)[number];

export interface Size {
  readonly sessions: number;
  /** For each, beside its 480 bytes of data. */
  readonly bytesBeside: number;
  readonly secondsToFill: number;
}

export interface StoreResults {
  readonly title: string;
  readonly version: string;
  readonly sizes: readonly Size[];
  readonly costs: readonly Cost[];
  readonly crowd: Crowd | null;
  /** `null` where the engine expires by itself. */
  readonly sweep: Sweeping | null;
}

export interface ScaleResults {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly stores: readonly StoreResults[];
  /** Why others were not measured. */
  readonly missing: readonly string[];
}
