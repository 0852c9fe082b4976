import { resolve } from 'node:path'
import { rebuildIndex as rebuild } from '@aquifer/engine'
import { counted, formatBytes } from './format.js'
import { ProgressBar, type Terminal } from './progress-bar.js'
import type { RebuildIndexSettings } from './settings/store-settings.js'
import { checkUsable, explainStoreFailure } from './store-failure.js'

/** @throws {@link CommandFailure} `damaged` where the journal has a gap that is not accepted; `directory`. */
export async function rebuildIndex(
  settings: RebuildIndexSettings,
  { stdout, stderr }: { stdout: Terminal; stderr: Terminal },
): Promise<void> {
  const directory = resolve(settings.directory)
  using bar = new ProgressBar(stderr, 'Rebuilding')
  let losses = 0
  let journalBytes = 0
  try {
    await checkUsable(directory)
    await rebuild({
      directory,
      onProgress(progress) {
        journalBytes = progress.totalBytes
        bar.show(progress)
      },
      ...(settings.acceptLoss && {
        acceptLoss(finding) {
          losses++
          bar.clear()
          stdout.write(`gap in the journal: ${finding}\n`)
        },
      }),
    })
  } catch (error) {
    throw explainStoreFailure(error, directory)
  }
  bar.clear()
  const gaps =
    losses === 0 ? '' : ` ${counted(losses, 'gap')} left behind; "aquifer verify" tells what is damaged.`
  stdout.write(`The index is made anew from ${formatBytes(journalBytes)} of journal.${gaps}\n`)
}
