import { resolve } from 'node:path'
import type { EngineStat } from '@aquifer/engine'
import { counted, formatBytes, formatCount } from './format.js'
import { openToInspect } from './open-engine.js'
import type { Terminal } from './progress-bar.js'
import type { StatSettings } from './settings/store-settings.js'

/** @throws {@link CommandFailure} `directory`, `damaged`. */
export async function stat(settings: StatSettings, { stdout }: { stdout: Terminal }): Promise<void> {
  await using engine = await openToInspect(resolve(settings.directory))
  const found = await engine.stat()
  stdout.write(settings.json ? `${JSON.stringify(found)}\n` : tableOf(found))
}

function tableOf(found: EngineStat): string {
  const { journalBytes, garbageBytes, indexBytes } = found.disk!
  const rows = [
    ['buckets', formatCount(found.buckets), ''],
    ['objects', formatCount(found.objects), formatBytes(found.objectBytes)],
    ['other versions', formatCount(found.otherVersions), 'old versions and delete markers'],
    [
      'open uploads',
      formatCount(found.uploads),
      `${counted(found.parts, 'part')}, ${formatBytes(found.partBytes)}`,
    ],
    ['to be reclaimed', formatCount(found.deferred), 'pieces of work that are due'],
    ['journal', formatBytes(journalBytes), `${formatBytes(garbageBytes)} of it garbage`],
    ['index', formatBytes(indexBytes), ''],
  ] as const
  return rows
    .map(([name, figure, more]) => `${name.padEnd(16)} ${figure.padStart(12)}  ${more}`.trimEnd())
    .join('\n')
    .concat('\n')
}
