import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { Engine, type RemoteBucket, type ReplicationTargetStatus } from '@aquifer/engine'
import { OutgoingCalls, s3ReplicationTargets } from '@aquifer/targets'
import { temporaryDirectory } from '../running-server.js'
import { BUCKET } from './crooked-server.js'

export interface SourceOptions {
  readonly idleTimeoutMs?: number
  readonly directory?: boolean
}

/** An engine in this process whose bucket is carried over, and what was written to it. */
export class Source {
  readonly engine: Engine
  readonly #written = new Map<string, Buffer>()

  private constructor(engine: Engine) {
    this.engine = engine
  }

  /** @param options.directory Its store lies on disk, and takes no memory. */
  static async open(
    t: TestContext,
    { idleTimeoutMs = 30_000, directory = false }: SourceOptions = {},
  ): Promise<Source> {
    const calls = new OutgoingCalls({ allowed: ['127.0.0.1'] })
    const engine = await Engine.open({
      ...(directory && { directory: await temporaryDirectory(t) }),
      sealingKey: randomBytes(32),
      connectReplicationTarget: s3ReplicationTargets({ calls, idleTimeoutMs }),
    })
    t.after(async () => {
      await engine.close()
      calls.close()
    })
    await versioned(engine)
    return new Source(engine)
  }

  get bucket() {
    return this.engine.bucket(BUCKET)
  }

  async replicateTo(remote: RemoteBucket): Promise<string> {
    const { arn } = await this.engine.replication.addTarget(BUCKET, remote)
    const rule = { status: 'enabled', priority: 1, destination: { arn }, deleteMarkers: 'enabled' } as const
    await this.bucket.setConfiguration('replication', { rules: [rule] })
    return arn
  }

  async write({ count = 40, sizeBytes = 3_000 } = {}): Promise<void> {
    for (let at = 0; at < count; at++) {
      const bytes = randomBytes(sizeBytes)
      const { versionId } = await this.bucket.put(`key ${at % 10}`, bytes)
      this.#written.set(versionId!, bytes)
    }
  }

  /** A version of each of so many keys, in a few commits. */
  async fanOut(count: number): Promise<void> {
    const bytes = randomBytes(300)
    const targets = Array.from({ length: count }, (_, at) => ({ key: `of many ${at}` }))
    for (const outcome of await this.bucket.fanOut(bytes, targets)) {
      assert.equal(outcome.status, 'fulfilled')
      this.#written.set(outcome.value.versionId!, bytes)
    }
  }

  async status(): Promise<ReplicationTargetStatus> {
    const [status] = await this.engine.replication.status({ bucket: BUCKET })
    return status!
  }

  /** Waits until what it says is as it should be. */
  async says(what: string, isSo: (status: ReplicationTargetStatus) => boolean): Promise<void> {
    for (let until = Date.now() + 90_000; ; ) {
      const status = await this.status()
      if (isSo(status)) return
      assert.ok(Date.now() < until, `it never said ${what}, but ${JSON.stringify(status)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Everything that was written has come, whole, with its id; and it is said to have. */
  async arrived(target: Engine): Promise<void> {
    await this.says('that nothing waits', ({ waiting }) => waiting === 0)
    const { failures, isOnline, lastError } = await this.status()
    assert.deepEqual({ failures, isOnline, lastError }, { failures: 0, isOnline: true, lastError: undefined })
    const found = new Set<string>()
    for await (const entry of target.bucket(BUCKET).listVersions()) {
      if (entry.type !== 'version') continue
      const { key, versionId } = entry.info
      found.add(versionId)
      await using there = await target.bucket(BUCKET).get(key, { versionId })
      assert.ok(this.#written.get(versionId)?.equals(await there.bytes()), key)
      assert.equal((await this.bucket.head(key, { versionId })).replicationStatus, 'completed')
    }
    assert.deepEqual([...found].sort(), [...this.#written.keys()].sort())
  }
}

export async function versioned(engine: Engine): Promise<void> {
  await engine.createBucket(BUCKET)
  await engine.bucket(BUCKET).setConfiguration('versioning', 'enabled')
}
