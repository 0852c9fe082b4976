/**
 * Carries out what a stranger may never end. When the time is up, or the signal fires, it is told so, and given up on.
 *
 * @param timeoutMs `Infinity` for a stranger who knows by himself when to give up.
 */
export async function within<T>(
  timeoutMs: number,
  stop: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stop?.throwIfAborted()
  const over = new AbortController()
  let end: (error: Error) => void
  const ended = new Promise<never>((_, reject) => {
    end = reject
  })
  const giveUp = (reason: string): void => {
    const error = new Error(reason)
    over.abort(error)
    end(error)
  }
  const timer =
    timeoutMs === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => giveUp(`The target took longer than ${timeoutMs} ms.`), timeoutMs)
  const cut = (): void => giveUp('It was stopped.')
  stop?.addEventListener('abort', cut)
  try {
    return await Promise.race([work(over.signal), ended])
  } finally {
    clearTimeout(timer)
    stop?.removeEventListener('abort', cut)
  }
}
