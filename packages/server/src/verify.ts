import { resolve } from 'node:path'
import type { Finding } from '@aquifer/engine'
import { CommandFailure } from './failure.js'
import { counted, formatBytes, printable } from './format.js'
import { openToInspect } from './open-engine.js'
import { ProgressBar, type Terminal } from './progress-bar.js'
import type { VerifySettings } from './settings/store-settings.js'
import { explainStoreFailure } from './store-failure.js'

/** @throws {@link CommandFailure} `damaged` after the last finding; `directory`. */
export async function verify(
  settings: VerifySettings,
  { stdout, stderr }: { stdout: Terminal; stderr: Terminal },
): Promise<void> {
  const directory = resolve(settings.directory)
  let findings = 0
  let storeFindings = 0
  let done = { doneBytes: 0, records: 0 }
  using bar = new ProgressBar(stderr, 'Verifying')
  const tell = (finding: Finding) => {
    findings++
    if (finding.what === 'store') storeFindings++
    bar.clear()
    stdout.write(`${settings.json ? JSON.stringify({ type: 'finding', ...finding }) : lineOf(finding)}\n`)
  }
  try {
    await using engine = await openToInspect(directory)
    const onProgress = (progress: typeof done & { totalBytes: number }) => {
      done = progress
      bar.show(progress)
    }
    for await (const finding of engine.verify({ onProgress })) tell(finding)
  } catch (error) {
    const failure = explainStoreFailure(error, directory)
    // So damaged that it does not open: for a program that is a finding as well.
    if (settings.json && failure instanceof CommandFailure && failure.kind === 'damaged')
      tell({ what: 'store', code: 'StoreDamaged', detail: failure.message })
    throw failure
  }
  bar.clear()
  const { doneBytes, records } = done
  if (settings.json) {
    stdout.write(`${JSON.stringify({ type: 'summary', findings, records, bytes: doneBytes })}\n`)
  } else if (findings === 0) {
    const what = `${counted(records, 'object or part', 'objects and parts')}, ${formatBytes(doneBytes)}`
    stdout.write(`Nothing is damaged: ${what} read back.\n`)
  }
  if (findings > 0) throw damaged(directory, findings, storeFindings)
}

function lineOf({ what, code, detail, bucket, key, versionId, uploadId, partNumber }: Finding): string {
  const object = printable(`${bucket}/${key}${versionId === undefined ? '' : ` (version ${versionId})`}`)
  const name =
    what === 'object' ? object : what === 'part' ? `${object} (part ${partNumber} of ${uploadId})` : '(store)'
  return `${name}: ${code}: ${printable(detail)}`
}

function damaged(directory: string, findings: number, ofStore: number): CommandFailure {
  const remedies = [
    ...(findings > ofStore
      ? ['Put the objects that are named again, from a backup: all others are whole.']
      : []),
    ...(ofStore > 0 ? ['See "aquifer rebuild-index --help" for what is damaged of the (store) itself.'] : []),
  ]
  const message = `The store in ${directory} is damaged: ${counted(findings, 'finding')}.`
  return new CommandFailure('damaged', message, remedies.join(' '))
}
