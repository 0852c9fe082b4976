import { resolve } from 'node:path'
import { openToInspect } from './open-engine.js'
import type { Terminal } from './progress-bar.js'
import type { ConfirmClockSettings } from './settings/store-settings.js'

/** Whoever gives this command vouches for the machine's clock. @throws {@link CommandFailure} `directory`, `damaged`. */
export async function confirmClock(
  settings: ConfirmClockSettings,
  { stdout }: { stdout: Terminal },
): Promise<void> {
  await using engine = await openToInspect(resolve(settings.directory))
  const { now: before, isHeldBack } = engine.lockTime()
  const now = new Date()
  await engine.confirmClock(now)
  const was = isHeldBack ? `was held back at ${before.toISOString()}, and ` : ''
  stdout.write(`The time by which retentions end ${was}is ${now.toISOString()} now.\n`)
}
