import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>
  /** Its exit code or the signal it died of, when it has ended and all that it said was read. */
  readonly ended: Promise<unknown[]>
  /** What it wrote to standard error so far: mostly why it ended by itself. */
  complaint(): string
}

/** A process that is there to be killed. */
export function startChild(script: URL, args: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return { process: child, ended: once(child, 'close'), complaint: () => stderr }
}
