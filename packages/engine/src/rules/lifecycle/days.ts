/**
 * When something is due so many whole days after a moment: at the end of the day in which they are over. Days begin at
 * midnight UTC; a moment that is a midnight begins one. No days at all is the moment itself.
 * Source: aistor §5.3; S3 User Guide, "Lifecycle rules based on an object's age".
 */
export const dueAfterDays = (sinceMs: number, days: number, dayMs: number): number =>
  days === 0 ? sinceMs : Math.floor((sinceMs + (days + 1) * dayMs) / dayMs) * dayMs

/** Due means that the moment has passed. Source: aistor §5.4. */
export const isDue = (dueMs: number, nowMs: number): boolean => dueMs < nowMs
