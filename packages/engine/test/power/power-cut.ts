/**
 * Cutting the power under a real process, with native code and all: a child works on a real directory while a
 * preloaded shim keeps a shadow of what was synced. The child is killed, and the directory becomes what a power cut
 * may have left of it. Needs Linux, glibc and a C compiler.
 */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compilePowerShim } from './power-shim.js'
import { Shadow } from './shadow.js'

/** Kinds of calls, those on the watched directory alone. `sync` is fsync and fdatasync, of directories too. */
export type WatchedCall = 'sync' | 'rename' | 'unlink' | 'write' | 'truncate' | 'create' | 'mkdir'

export interface Workload {
  /** The child's module. It is given the watched directory, then `args`, and tells what it did as lines on stdout. */
  readonly script: URL
  readonly args?: readonly string[]
  /** Which calls are counted. @defaultValue sync and rename */
  readonly count?: readonly WatchedCall[]
  /** The child is killed before its n-th counted call, counted from 1. */
  readonly killAt?: number
  /** The n-th counted call fails. A sync that fails loses its pages, as on Linux. */
  readonly failAt?: { readonly call: number; readonly code: 'EIO' | 'ENOSPC' }
  /** Called with each line; it may kill. What the child does meanwhile goes on: the more it does, the better. */
  readonly onLine?: (line: string, kill: () => void) => void
  /** Whether nothing but the process dies: syncs are real then, and there is nothing to restore. */
  readonly processOnly?: boolean
}

export interface WorkloadReport {
  /** All whole lines that the child wrote before it ended. */
  readonly lines: readonly string[]
  readonly wasKilled: boolean
  readonly exitCode: number | null
  readonly stderr: string
  /** How many counted calls were made. */
  readonly calls: number
}

export class PowerCutDirectory implements AsyncDisposable {
  /** What the workloads and the checks work on. */
  readonly path: string
  readonly #scratch: string
  readonly #library: string
  readonly #shadow: Shadow

  private constructor(scratch: string, library: string) {
    this.path = join(scratch, 'watched')
    this.#scratch = scratch
    this.#library = library
    this.#shadow = new Shadow(join(scratch, 'shadow'), this.path)
  }

  /** A new, empty one; or why there can be none on this machine. */
  static async open(): Promise<PowerCutDirectory | { unavailable: string }> {
    const scratch = await mkdtemp(join(tmpdir(), 'aquifer-power-'))
    try {
      const shim = await compilePowerShim(scratch)
      if ('library' in shim) {
        const directory = new PowerCutDirectory(scratch, shim.library)
        await mkdir(directory.path)
        return directory
      }
      await rm(scratch, { recursive: true })
      return shim
    } catch (error) {
      await rm(scratch, { recursive: true })
      throw error
    }
  }

  /** Runs a workload to its end or its death. What the directory held before counts as synced. */
  async run(workload: Workload): Promise<WorkloadReport> {
    const calls = join(this.#scratch, 'calls')
    await writeFile(calls, new Uint8Array(8))
    if (!workload.processOnly) await this.#shadow.begin()
    const ended = await this.#spawn(workload, calls)
    return { ...ended, calls: Number((await readFile(calls)).readBigUint64LE()) }
  }

  /**
   * After a run: makes the directory what a power cut at the child's end may have left. Another seed gives another
   * outcome of the same cut, until the next run.
   *
   * @param survival How likely each unsynced thing is to have reached the disk, 0 to 1. @defaultValue by the seed
   */
  cut(seed: number, survival?: number): Promise<void> {
    return this.#shadow.restore(seed, survival)
  }

  /** Empties it. */
  async clear(): Promise<void> {
    await rm(this.path, { recursive: true })
    await mkdir(this.path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true })
  }

  async #spawn(workload: Workload, calls: string): Promise<Omit<WorkloadReport, 'calls'>> {
    const child = spawn(
      process.execPath,
      [fileURLToPath(workload.script), this.path, ...(workload.args ?? [])],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...this.#environment(workload, calls) },
      },
    )
    const exited = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve([code, signal]))
    })
    const lines: string[] = []
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const kill = () => void child.kill('SIGKILL')
    let begun = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const [first = '', ...rest] = text.split('\n')
      const whole = rest.length === 0 ? [] : [begun + first, ...rest.slice(0, -1)]
      begun = rest.length === 0 ? begun + first : rest.at(-1)!
      for (const line of whole) {
        lines.push(line)
        workload.onLine?.(line, kill)
      }
    })
    const [exitCode, signal] = await exited
    return { lines, wasKilled: signal === 'SIGKILL', exitCode, stderr }
  }

  #environment(workload: Workload, calls: string): Record<string, string> {
    const { killAt, failAt, count = ['sync', 'rename'] } = workload
    return {
      LD_PRELOAD: this.#library,
      // What went by the ring would pass the shim by.
      UV_USE_IO_URING: '0',
      AQUIFER_POWER_ROOT: this.path,
      AQUIFER_POWER_CALLS: calls,
      AQUIFER_POWER_COUNT: count.join(),
      ...(workload.processOnly ? {} : { AQUIFER_POWER_SHADOW: join(this.#scratch, 'shadow') }),
      ...(killAt === undefined ? {} : { AQUIFER_POWER_KILL_AT: String(killAt) }),
      ...(failAt === undefined
        ? {}
        : {
            AQUIFER_POWER_FAIL_AT: String(failAt.call),
            AQUIFER_POWER_ERRNO: String(constants.errno[failAt.code]),
          }),
    }
  }
}
