/** What a copy tells of itself. */

/** What one call of `copySessions` did; each session counts once in each part of the run. */
export interface CopyCounts {
  /** New in `to`. */
  readonly copied: number;
  /** There already, and brought up to date. */
  readonly updated: number;
  /** There already, and the same. */
  readonly unchanged: number;
  /** Left alone: it ended in `to`, its user was revoked there, or it was used there since the switch. */
  readonly kept: number;
  /** Ended in `to`, since it had ended in `from`. */
  readonly ended: number;
  /** Live in `to` and unknown to `from`; left there. Always 0 with `prune` and `switchedAt`. */
  readonly extra: number;
  /** Entries of `from` that nobody can read. They are not copied. */
  readonly damaged: number;
}

export interface CopyProgress extends CopyCounts {
  /** `copying`: from `from` to `to`. `checking`: what is in `to`, against `from`. */
  readonly part: "copying" | "checking";
  /** For the option `after` of a later call; `null` at the end. */
  readonly after: string | null;
}
