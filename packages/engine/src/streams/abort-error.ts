/** What a stopped operation rejects with, whatever the signal's reason is: that is its `cause`. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted.', { cause: signal.reason })
  error.name = 'AbortError'
  return error
}
