import { after } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { Engine, type EngineOptions, type ReplicationRule, type ReplicationTarget } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { connectEngine, serveEngine } from '@aquifer/engine/threads'

// The engine's own timers keep no process alive: whoever opens one here has it kept so while its tests run.
const alive = setInterval(() => {}, 1_000)
after(() => clearInterval(alive))

/** Stores that an engine's close leaves as they are. */
export async function keptStores() {
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  stores.kv.close = async () => {}
  stores.blobs.close = async () => {}
  return stores
}

export const sealingKey = new Uint8Array(32).fill(7)

export const remote = {
  endpoint: 'http://far.example:9000',
  bucket: 'copies',
  accessKeyId: 'AKEXAMPLE',
  secretAccessKey: 'secret-of-the-far-side',
}

export const open = (target: ReplicationTarget, options: EngineOptions = {}): Promise<Engine> =>
  Engine.open({ sealingKey, connectReplicationTarget: () => target, ...options })

/** A rule by which everything goes. */
export const everything = (arn: string): ReplicationRule => ({
  status: 'enabled',
  priority: 1,
  destination: { arn },
  deleteMarkers: 'enabled',
  versionDeletes: 'enabled',
})

/** The engine with a bucket `logs` that goes to the target. */
export async function openReplicating(
  target: ReplicationTarget,
  { rule = {}, add = {}, ...options }: EngineOptions & { rule?: Partial<ReplicationRule>; add?: object } = {},
) {
  const engine = await open(target, options)
  await engine.createBucket('logs')
  const logs = engine.bucket('logs')
  await logs.setConfiguration('versioning', 'enabled')
  const { arn } = await engine.replication.addTarget('logs', { ...remote, ...add })
  await logs.setConfiguration('replication', { rules: [{ ...everything(arn), ...rule }] })
  return { engine, logs, arn }
}

/** The engine as another thread has it. */
export async function openNear(engine: Engine) {
  const { port1, port2 } = new MessageChannel()
  const service = serveEngine(engine, port1)
  const near = await connectEngine(port2)
  return {
    near,
    async [Symbol.asyncDispose]() {
      await near.close()
      await service.close()
    },
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Whether nothing waits any more. */
export const isSettled = async (engine: Engine): Promise<boolean> =>
  (await engine.replication.status()).every(({ waiting }) => waiting === 0)

export const settled = (engine: Engine): Promise<void> => until(() => isSettled(engine))
