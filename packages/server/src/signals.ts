import { constants } from 'node:os'

type Stop = 'SIGINT' | 'SIGTERM'
const stops: readonly Stop[] = ['SIGINT', 'SIGTERM']

/**
 * Listens for the wish to stop. The first signal fires `stopping`; a second one ends the process at once, by
 * the exit code that a process killed by it has.
 */
export function listenForStop(onForced: () => void): AbortSignal {
  const controller = new AbortController()
  for (const signal of stops) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        onForced()
        process.exit(128 + constants.signals[signal])
      }
      controller.abort(signal)
    })
  }
  return controller.signal
}
