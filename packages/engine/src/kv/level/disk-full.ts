/** Whether anything among the causes says that the disk is full: Node by its code, LevelDB by its words. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC' || error.message.includes('No space left'))
    return true
  return isDiskFull(error.cause) || (error instanceof AggregateError && error.errors.some(isDiskFull))
}
