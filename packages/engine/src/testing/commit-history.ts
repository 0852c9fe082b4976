import assert from 'node:assert/strict'
import { isEngineError } from '../errors.js'
import type { Change, KvStore, Revision, RowPut } from '../kv/kv.js'

interface Tried {
  readonly change: Change
  readonly fate: 'committed' | 'conflict' | 'absent' | 'unknown'
  /** What it was given, or what its mark was found to have. */
  readonly revision?: Revision
}

const MARKS = 'mark/'

/**
 * What was asked of a store and what it answered, to be held against what is found in it after a crash: each
 * commit that was acknowledged is there, none that was refused is, and one whose fate nobody knows is there whole
 * or not at all. Each commit carries a row that marks it, so that its fate can be read.
 */
export class CommitHistory {
  readonly #tried = new Map<string, Tried>()
  #next = 1

  /** Commits the change with its mark, and remembers what came of it. Answers whether it was committed. */
  async commit(store: KvStore, change: Change): Promise<boolean> {
    const mark = `${MARKS}${String(this.#next++).padStart(8, '0')}`
    const marked = { ...change, puts: [...change.puts, { key: Buffer.from(mark), value: Buffer.from('!') }] }
    this.#tried.set(mark, { change: marked, fate: 'unknown' })
    try {
      const outcome = await store.commit(marked)
      const fate = outcome.committed ? 'committed' : 'conflict'
      this.#tried.set(mark, {
        change: marked,
        fate,
        ...(outcome.committed ? { revision: outcome.revision } : {}),
      })
      return outcome.committed
    } catch (error) {
      this.#tried.set(mark, { change: marked, fate: fateOf(error) })
      return false
    }
  }

  /** For looking at several outcomes of the same crash. */
  copy(): CommitHistory {
    const copy = new CommitHistory()
    copy.#next = this.#next
    for (const [mark, tried] of this.#tried) copy.#tried.set(mark, tried)
    return copy
  }

  /** Holds the store against the history; what was unknown is known afterwards. @throws AssertionError */
  async check(store: KvStore): Promise<void> {
    const found = await allRows(store)
    for (const [mark, tried] of this.#tried) {
      const revision = found.get(mark)?.revision
      if (tried.fate === 'committed') assert.equal(revision, tried.revision, `${mark}, acknowledged, is lost`)
      else if (tried.fate !== 'unknown') assert.equal(revision, undefined, `${mark}, ${tried.fate}, is there`)
      else if (revision === undefined) this.#tried.set(mark, { ...tried, fate: 'absent' })
      else this.#tried.set(mark, { ...tried, fate: 'committed', revision })
    }
    const wanted = this.#rows()
    assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort(), 'the rows are not those committed')
    for (const [text, { revision, payloadBytes, value }] of found) {
      const row = wanted.get(text)!
      const key = Buffer.from(text, 'latin1')
      assert.equal(revision, row.revision, `${text} has another revision`)
      assert.ok(Buffer.from(value).equals(row.put.value), `${text} has another value`)
      const payload = await store.readPayload(key, revision)
      assert.ok(payload !== 'changed' && Buffer.from(payload).equals(row.put.payload ?? Buffer.alloc(0)))
      assert.equal(payloadBytes, row.put.payload?.byteLength ?? 0)
    }
  }

  /** Each key's last put, by the revisions of the commits that took place. */
  #rows(): Map<string, { put: RowPut; revision: Revision }> {
    const rows = new Map<string, { put: RowPut; revision: Revision }>()
    const committed = [...this.#tried.values()].filter(({ fate }) => fate === 'committed')
    for (const { change, revision } of committed.sort((a, b) => a.revision! - b.revision!)) {
      for (const put of change.puts) rows.set(text(put.key), { put, revision: revision! })
      for (const key of change.deletes) rows.delete(text(key))
    }
    return rows
  }
}

function fateOf(error: unknown): 'absent' | 'unknown' {
  if (isEngineError(error, 'StorageUnavailable')) return error.details.outcome
  if (isEngineError(error, 'StorageFull') || isEngineError(error, 'EngineClosed')) return 'absent'
  throw error
}

async function allRows(store: KvStore) {
  const rows = new Map<string, { value: Uint8Array; revision: Revision; payloadBytes: number }>()
  const to = Buffer.alloc(store.limits.keyBytes, 0xff)
  for (let from = Buffer.from([0]); ; ) {
    const page = await store.scan({ from, to, limit: 500 })
    for (const row of page.rows) rows.set(text(row.key), row)
    if (!page.more) return rows
    from = Buffer.concat([page.rows.at(-1)!.key, Buffer.from([0])])
  }
}

const text = (key: Uint8Array) => Buffer.from(key).toString('latin1')
