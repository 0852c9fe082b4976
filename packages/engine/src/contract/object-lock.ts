/** Who can end a retention early: with `governance` whoever may bypass it, with `compliance` nobody. */
export type RetentionMode = 'governance' | 'compliance'

/** For how long a version cannot be removed. */
export interface Retention {
  mode: RetentionMode
  /** Locked up to and including this moment. */
  retainUntil: Date
}

/** The retention of versions written without one of their own, counted from their writing. Days or years are those of the calendar. */
export type DefaultRetention =
  /** 1 to 36,500. */
  | { mode: RetentionMode; days: number }
  /** 1 to 100. */
  | { mode: RetentionMode; years: number }

/** Object lock of a bucket that has it. */
export interface ObjectLock {
  defaultRetention?: DefaultRetention
}
