import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { EngineEvent, EventTarget } from '@aquifer/engine'

/** Why a test cannot run here, or false. */
export function unless(program: string): string | false {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return false
  } catch {
    return `${program} is not installed`
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface Broker {
  readonly folder: string
  readonly port: number
  start(): Promise<void>
  stop(): Promise<void>
}

export interface BrokerCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/**
 * A broker of this test's own, in a folder of its own, on a free port.
 *
 * @param user Whom it runs as where the test runs as root, which some brokers do not.
 */
export async function broker(
  t: TestContext,
  command: (at: { folder: string; port: number }) => BrokerCommand,
  user?: string,
): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-broker-'))
  const port = await freePort()
  const as = user === undefined || process.getuid?.() !== 0 ? undefined : idsOf(user)
  if (as !== undefined) await chown(folder, as.uid, as.gid)
  let child: ChildProcess | undefined
  let ended: Promise<unknown> = Promise.resolve()
  const stop = async () => {
    // With all that it has started.
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    await ended
    child = undefined
  }
  t.after(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    folder,
    port,
    stop,
    async start() {
      const { file, args, env = {} } = command({ folder, port })
      let said = ''
      child = spawn(file, args, { cwd: folder, env: { ...process.env, ...env }, detached: true, ...as })
      ended = once(child, 'exit')
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk) => {
          said += chunk
        })
      const isOver = ended.then(() => 'over' as const)
      for (;;) {
        const answered = await Promise.race([answers(port), isOver])
        if (answered === 'over') throw new Error(`${file} ended: ${said}`)
        if (answered) return
      }
    },
  }
}

/** What runs as somebody else where the test runs as root. */
export function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user]).toString())
  return { uid: id('-u'), gid: id('-g') }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setTimeout(() => resolve(false), 50))
  })
}

export const event: EngineEvent = {
  name: 's3:ObjectCreated:Put',
  time: new Date('2026-01-02T03:04:05.678Z'),
  ...{ bucket: 'photos', key: 'a b.jpg', sizeBytes: 3, etag: 'abc', sequencer: '000000000000001F' },
  metadata: {},
  origin: {},
}
export const testEvent: EngineEvent = { ...event, name: 's3:TestEvent', key: '' }
export const removal: EngineEvent = {
  ...event,
  name: 's3:ObjectRemoved:Delete',
  sequencer: '0000000000000020',
}

export const deliver = (target: EventTarget, one: EngineEvent): Promise<void> =>
  target.deliver(one, { signal: AbortSignal.timeout(10_000) })

/** Until the broker has come up behind its open port. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}
