import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isEngineError } from '../errors.js'
import type { Awaitable, Change, Check, CommitOutcome, KvStore, Revision, Row, RowPut } from '../kv/kv.js'
import { KvModel } from './kv-model.js'

export interface KvStoreSuiteOptions {
  /** The runner: `node:test`'s `test`, or anything of its shape. */
  test(name: string, body: () => Promise<void>): unknown
  /** A new, empty store. The suite closes it. */
  factory(): Awaitable<KvStore>
  /** Closes the store and opens the same rows again. Left out by stores that forget. */
  reopen?(store: KvStore): Awaitable<KvStore>
}

/** What every {@link KvStore} promises, as tests. */
export function kvStoreSuite({ test, factory, reopen }: KvStoreSuiteOptions): void {
  const promise = (name: string, body: (store: KvStore) => Promise<void>) =>
    test(name, async () => {
      const store = await factory()
      try {
        await body(store)
      } finally {
        await store.close()
      }
    })

  promise('what was committed is read back, with the revision of its commit', async (store) => {
    const revision = await put(store, { a: 'one', b: 'two' })
    assert.deepEqual(shown(await store.get(bytes('a'))), {
      key: 'a',
      value: 'one',
      revision,
      payloadBytes: 0,
    })
    assert.equal(await store.get(bytes('c')), undefined)
    const many = await store.getMany([bytes('b'), bytes('missing'), bytes('a'), bytes('b')])
    assert.deepEqual(
      many.map((row) => row && text(row.value)),
      ['two', undefined, 'one', 'two'],
    )
    assert.deepEqual(await store.getMany([]), [])
  })

  promise('a commit changes only what it names, and revisions grow', async (store) => {
    const first = await put(store, { a: '1', b: '1' })
    const second = await put(store, { b: '2' })
    assert.ok(second > first)
    assert.equal((await store.get(bytes('a')))?.revision, first)
    assert.equal((await store.get(bytes('b')))?.revision, second)
    const third = await commit(store, { deletes: [bytes('a'), bytes('never there')] })
    assert.ok(third > second)
    assert.equal(await store.get(bytes('a')), undefined)
    assert.equal(text((await store.get(bytes('b')))!.value), '2')
  })

  promise('rows come in the order of their bytes, both ways', async (store) => {
    const keys = [
      '00',
      '0000',
      '0001',
      '01',
      '61',
      '6100',
      '61ff',
      '7f',
      '80',
      'c3a9',
      'e282ac',
      'f0',
      'ff',
      'ffff',
    ]
    const shuffled = [...keys].sort((a, b) => a.slice(-1).localeCompare(b.slice(-1)))
    await commit(store, { puts: shuffled.map((key) => ({ key: hex(key), value: bytes(key) })) })
    const range = { from: hex('00'), to: hex('ffffff'), limit: 100 }
    assert.deepEqual(await keysOf(store, range), keys)
    assert.deepEqual(await keysOf(store, { ...range, reverse: true }), [...keys].reverse())
  })

  promise('a scan begins at its first key and ends before its end', async (store) => {
    await put(store, { a: '', b: '', c: '', d: '' })
    const found = async (from: string, to: string, reverse: boolean) => {
      const { rows, more } = await store.scan({ from: bytes(from), to: bytes(to), limit: 10, reverse })
      assert.equal(more, false)
      return rows.map(({ key }) => text(key)).join('')
    }
    assert.equal(await found('b', 'd', false), 'bc')
    assert.equal(await found('b', 'd', true), 'cb')
    assert.equal(await found('aa', 'cc', false), 'bc')
    assert.equal(await found('c', 'c', false), '')
    assert.equal(await found('d', 'a', false), '')
    assert.equal(await found('e', 'z', true), '')
  })

  promise('pages join to the whole, whatever their size', async (store) => {
    const wanted = Array.from({ length: 57 }, (_, i) => `k${String(i).padStart(3, '0')}`)
    await commit(store, { puts: wanted.map((key) => ({ key: bytes(key), value: bytes(key) })) })
    for (const limit of [1, 7, 56, 57, 58]) {
      for (const reverse of [false, true]) {
        const found = await allPages(store, { from: 'k', to: 'l', limit, reverse })
        assert.deepEqual(found, reverse ? [...wanted].reverse() : wanted)
      }
    }
  })

  promise('a scan that asks for text answers the same rows', async (store) => {
    const texts = [
      '',
      'a',
      'a b',
      'a/b',
      'b\u007f',
      '\ufeffc',
      'é',
      '\ufffd',
      '\uffff',
      '😀',
      'x'.repeat(1_024),
    ]
    for (const prefix of ['6f', '6f00', '6f41ff', '6fe2', '6fc3a9'].map(hex)) {
      const rows = texts.map((each) => ({ key: Buffer.concat([prefix, bytes(each)]), value: bytes(each) }))
      await commit(store, { puts: rows })
      const range = { from: prefix, to: Buffer.concat([prefix, hex('ff')]), limit: 100 }
      for (const asked of [range, { ...range, reverse: true }, { ...range, limit: 4 }]) {
        const plain = await store.scan(asked)
        const page = await store.scan({ ...asked, textAfterBytes: prefix.byteLength })
        assert.equal(page.more, plain.more)
        assert.deepEqual(page.rows.map(shown), plain.rows.map(shown))
        for (const { text: given, value } of page.rows) assert.equal(given ?? text(value), text(value))
      }
      await commit(store, { deletes: rows.map(({ key }) => key) })
    }
  })

  promise('scans answer values and payload sizes', async (store) => {
    const revision = await commit(store, {
      puts: [{ key: bytes('k'), value: bytes('v'), payload: bytes('body') }],
    })
    const { rows } = await store.scan({ from: bytes('a'), to: bytes('z'), limit: 5 })
    assert.deepEqual(rows.map(shown), [{ key: 'k', value: 'v', revision, payloadBytes: 4 }])
  })

  promise('a payload is read under its revision, and no other', async (store) => {
    const key = bytes('k')
    const first = await commit(store, { puts: [{ key, value: bytes('v'), payload: bytes('first') }] })
    assert.equal(textOf(await store.readPayload(key, first)), 'first')
    const second = await commit(store, { puts: [{ key, value: bytes('v'), payload: bytes('second') }] })
    assert.equal(await store.readPayload(key, first), 'changed')
    assert.equal(textOf(await store.readPayload(key, second)), 'second')
    assert.equal(await store.readPayload(key, second + 1), 'changed')
    const third = await commit(store, { puts: [{ key, value: bytes('without') }] })
    assert.equal((await store.get(key))?.payloadBytes, 0)
    assert.equal(textOf(await store.readPayload(key, third)), '')
    await commit(store, { deletes: [key] })
    assert.equal(await store.readPayload(key, third), 'changed')
  })

  promise('a check on a revision holds while the row is unchanged', async (store) => {
    const key = bytes('k')
    const first = await put(store, { k: '1' })
    const second = await commit(store, {
      checks: [{ key, revision: first }],
      puts: [{ key, value: bytes('2') }],
    })
    await conflicts(store, [{ key, revision: first }], ['k'])
    await conflicts(store, [{ key, absent: true }], ['k'])
    assert.equal((await store.get(key))?.revision, second)
    await commit(store, { deletes: [key] })
    await conflicts(store, [{ key, revision: second }], ['k'])
    await commit(store, { checks: [{ key, absent: true }], puts: [{ key, value: bytes('3') }] })
    assert.equal(text((await store.get(key))!.value), '3')
  })

  promise('a conflict names its keys and writes nothing', async (store) => {
    const revision = await put(store, { good: '1', stale: '1', there: '1' })
    await put(store, { stale: '2' })
    const checks: Check[] = [
      { key: bytes('good'), revision },
      { key: bytes('stale'), revision },
      { key: bytes('there'), absent: true },
      { key: bytes('gone'), revision },
    ]
    await conflicts(store, checks, ['stale', 'there', 'gone'])
    assert.equal(await store.get(bytes('new')), undefined)
    assert.equal(text((await store.get(bytes('good')))!.value), '1')
  })

  promise('of many who change one row at once each sees the other', async (store) => {
    const key = bytes('counter')
    const increment = async () => {
      for (;;) {
        const row = await store.get(key)
        const check: Check = row === undefined ? { key, absent: true } : { key, revision: row.revision }
        const next = bytes(String(Number(row === undefined ? '0' : text(row.value)) + 1))
        if ((await store.commit({ checks: [check], puts: [{ key, value: next }], deletes: [] })).committed)
          return
      }
    }
    await Promise.all(Array.from({ length: 24 }, increment))
    assert.equal(text((await store.get(key))!.value), '24')
  })

  promise('commits made at once have revisions of their own, and the highest stands', async (store) => {
    const revisions = await Promise.all(
      Array.from({ length: 40 }, (_, i) => put(store, { shared: String(i), [`own${i}`]: String(i) })),
    )
    assert.equal(new Set(revisions).size, 40)
    const last = Math.max(...revisions)
    const row = (await store.get(bytes('shared')))!
    assert.equal(row.revision, last)
    assert.equal(text(row.value), String(revisions.indexOf(last)))
    for (const [i, revision] of revisions.entries())
      assert.equal((await store.get(bytes(`own${i}`)))?.revision, revision)
  })

  promise('a page is one moment: it never shows half a commit', async (store) => {
    const write = async (round: number) =>
      put(store, { a: String(round), m: String(round), z: String(round) })
    await write(0)
    const writing = (async () => {
      for (let round = 1; round <= 40; round++) await write(round)
    })()
    for (let i = 0; i < 40; i++) {
      const { rows } = await store.scan({ from: bytes('a'), to: bytes('zz'), limit: 10 })
      assert.equal(new Set(rows.map(({ value }) => text(value))).size, 1)
      assert.equal(rows.length, 3)
    }
    await writing
  })

  promise('what the store was given may be used again, what it gave stays', async (store) => {
    const key = Buffer.from('key')
    const value = Buffer.from('value')
    const payload = Buffer.from('payload')
    const revision = await commit(store, { puts: [{ key, value, payload }] })
    const row = (await store.get(key))!
    for (const buffer of [key, value, payload]) buffer.fill(0)
    assert.deepEqual(shown(row), { key: 'key', value: 'value', revision, payloadBytes: 7 })
    assert.deepEqual(shown(await store.get(bytes('key'))), shown(row))
    const given = await store.readPayload(bytes('key'), revision)
    await put(store, { key: 'other' })
    assert.equal(textOf(given), 'payload')
    assert.equal(text(row.value), 'value')
  })

  promise('the largest rows fit, and larger ones are refused', async (store) => {
    const { limits } = store
    const key = Buffer.alloc(limits.keyBytes, 'k')
    const value = Buffer.alloc(limits.valueBytes, 'v')
    const payload = Buffer.alloc(limits.payloadBytes, 'p')
    const revision = await commit(store, { puts: [{ key, value, payload }] })
    const row = (await store.get(key))!
    assert.ok(Buffer.from(row.value).equals(value))
    assert.ok(Buffer.from((await store.readPayload(key, revision)) as Uint8Array).equals(payload))

    const one = Buffer.alloc(1)
    const tooMuch: Partial<Change>[] = [
      { puts: [{ key: Buffer.concat([key, one]), value: one }] },
      { puts: [{ key: one, value: Buffer.concat([value, one]) }] },
      { puts: [{ key: one, value: one, payload: Buffer.concat([payload, one]) }] },
      { puts: [{ key: new Uint8Array(0), value: one }] },
      { deletes: [Buffer.concat([key, one])] },
      { checks: [{ key: Buffer.concat([key, one]), absent: true }] },
      { puts: numbered(limits.commitRows + 1) },
      { puts: numbered(Math.ceil(limits.commitBytes / value.length) + 1, { value }) },
      { puts: numbered(Math.floor(limits.commitPayloadBytes / payload.length) + 1, { value: one, payload }) },
      {
        puts: [
          { key: one, value },
          { key: one, value },
        ],
      },
      { puts: [{ key: one, value }], deletes: [one] },
    ]
    for (const change of tooMuch) await assert.rejects(store.commit(whole(change)), RangeError)
    await commit(store, { puts: numbered(limits.commitRows) })
    assert.equal(
      (await store.scan({ from: bytes('n'), to: bytes('o'), limit: 5_000 })).rows.length,
      limits.commitRows,
    )
  })

  promise('closed means closed', async (store) => {
    const writing = put(store, { a: '1' })
    await writing
    await store.close()
    await store.close()
    const range = { from: bytes('a'), to: bytes('b'), limit: 1 }
    const calls: (() => unknown)[] = [
      () => store.get(bytes('a')),
      () => store.getMany([bytes('a')]),
      () => store.readPayload(bytes('a'), 1),
      () => store.scan(range),
      () => store.commit(whole({ puts: [{ key: bytes('a'), value: bytes('2') }] })),
    ]
    for (const call of calls)
      await assert.rejects(
        async () => call(),
        (error) => isEngineError(error, 'EngineClosed'),
      )
  })

  promise('closing waits for the commits under way', async (store) => {
    const writing = Array.from({ length: 20 }, (_, i) =>
      store.commit(whole({ puts: numbered(3, { from: i * 3 }) })),
    )
    const settled = Promise.allSettled(writing)
    await store.close()
    for (const outcome of await settled) {
      if (outcome.status === 'fulfilled') assert.ok(outcome.value.committed)
      else assert.ok(isEngineError(outcome.reason, 'EngineClosed'))
    }
  })

  test('random commits, reads and scans agree with a model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(modelStep, { maxLength: 60 }), async (steps) => {
        let store = await factory()
        const model = new KvModel()
        try {
          for (const step of steps) {
            if (step.type === 'reopen' && reopen !== undefined) store = await reopen(store)
            else await follow(store, model, step)
          }
        } finally {
          await store.close()
        }
      }),
      { numRuns: 40 },
    )
  })

  if (reopen === undefined) return

  test('everything is there again after a reopening, and revisions go on growing', async () => {
    let store = await factory()
    try {
      const first = await put(store, { a: '1', b: '1', c: '1' })
      await commit(store, {
        puts: [{ key: bytes('b'), value: bytes('2'), payload: bytes('body') }],
        deletes: [bytes('c')],
      })
      const before = await store.scan({ from: bytes('a'), to: bytes('z'), limit: 10 })
      store = await reopen(store)
      const after = await store.scan({ from: bytes('a'), to: bytes('z'), limit: 10 })
      assert.deepEqual(after.rows.map(shown), before.rows.map(shown))
      const { revision } = (await store.get(bytes('b')))!
      assert.equal(textOf(await store.readPayload(bytes('b'), revision)), 'body')
      await commit(store, {
        checks: [
          { key: bytes('a'), revision: first },
          { key: bytes('c'), absent: true },
        ],
      })
      assert.ok((await put(store, { d: '1' })) > revision)
    } finally {
      await store.close()
    }
  })
}

const hex = (digits: string) => Buffer.from(digits, 'hex')
const bytes = (string: string) => Buffer.from(string)
const text = (found: Uint8Array) => Buffer.from(found).toString()
const textOf = (found: Uint8Array | 'changed') => (found === 'changed' ? assert.fail('changed') : text(found))
const shown = (row: Row | undefined) =>
  row && {
    key: text(row.key),
    value: text(row.value),
    revision: row.revision,
    payloadBytes: row.payloadBytes,
  }
const whole = (change: Partial<Change>): Change => ({ checks: [], puts: [], deletes: [], ...change })

function numbered(count: number, { from = 0, ...row }: { from?: number } & Partial<RowPut> = {}): RowPut[] {
  return Array.from({ length: count }, (_, i) => ({ key: bytes(`n${from + i}`), value: bytes(''), ...row }))
}

/** Commits what must be committed: a conflict where none was is met by trying again. */
async function commit(store: KvStore, change: Partial<Change>): Promise<Revision> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    const outcome = await store.commit(whole(change))
    if (outcome.committed) return outcome.revision
  }
  return assert.fail('A commit whose checks hold found conflicts a hundred times.')
}

function put(store: KvStore, rows: Record<string, string>): Promise<Revision> {
  const puts = Object.entries(rows).map(([key, value]) => ({ key: bytes(key), value: bytes(value) }))
  return commit(store, { puts })
}

async function conflicts(store: KvStore, checks: Check[], keys: string[]): Promise<void> {
  const outcome = await store.commit(whole({ checks, puts: [{ key: bytes('new'), value: bytes('') }] }))
  assertNames(outcome, keys, checks)
}

function assertNames(outcome: CommitOutcome, keys: string[], checks: readonly Check[]): void {
  assert.ok(!outcome.committed, 'a commit went through although its checks did not hold')
  const named = outcome.conflicts.map(text)
  for (const key of keys) assert.ok(named.includes(key), `the conflict on ${key} is not named`)
  for (const key of named) assert.ok(checks.some((check) => text(check.key) === key))
}

async function keysOf(store: KvStore, range: Parameters<KvStore['scan']>[0]): Promise<string[]> {
  const { rows, more } = await store.scan(range)
  assert.equal(more, false)
  return rows.map(({ key }) => Buffer.from(key).toString('hex'))
}

interface TextRange {
  from: string
  to: string
  limit: number
  reverse: boolean
}

async function allPages(store: KvStore, { from, to, limit, reverse }: TextRange): Promise<string[]> {
  const keys: string[] = []
  for (;;) {
    const last = keys.at(-1)
    const range = last === undefined ? { from, to } : reverse ? { from, to: last } : { from: `${last}\0`, to }
    const page = await store.scan({ from: bytes(range.from), to: bytes(range.to), limit, reverse })
    assert.ok(page.rows.length <= limit)
    keys.push(...page.rows.map(({ key }) => text(key)))
    if (!page.more) return keys
    assert.ok(page.rows.length > 0, 'a page without rows that promises more cannot be resumed')
  }
}

const smallKey = fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', '\0', '\u00ff') })
const modelStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('commit' as const),
      puts: fc.dictionary(
        smallKey,
        fc.record({ value: fc.string({ maxLength: 9 }), payload: fc.option(fc.string({ maxLength: 9 })) }),
        { maxKeys: 4 },
      ),
      deletes: fc.uniqueArray(smallKey, { maxLength: 3 }),
      checks: fc.uniqueArray(smallKey, { maxLength: 2 }),
      stale: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('read' as const), keys: fc.array(smallKey, { maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('scan' as const),
      from: smallKey,
      to: smallKey,
      limit: fc.integer({ min: 1, max: 8 }),
      reverse: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
)
type ModelStep = typeof modelStep extends fc.Arbitrary<infer T> ? T : never

async function follow(store: KvStore, model: KvModel, step: ModelStep): Promise<void> {
  if (step.type === 'commit') await followCommit(store, model, step)
  else if (step.type === 'read') {
    const rows = await store.getMany(step.keys.map(latin))
    for (const [i, key] of step.keys.entries()) await compare(store, model, key, rows[i])
  } else if (step.type === 'scan') {
    const page = await store.scan({ ...step, from: latin(step.from), to: latin(step.to) })
    const wanted = model.range(step.from, step.to, step.reverse)
    assert.deepEqual(
      page.rows.map(({ key }) => Buffer.from(key).toString('latin1')),
      wanted.slice(0, page.rows.length),
    )
    assert.equal(page.more, page.rows.length < wanted.length)
    if (page.more) assert.ok(page.rows.length > 0)
  }
}

async function followCommit(
  store: KvStore,
  model: KvModel,
  step: ModelStep & { type: 'commit' },
): Promise<void> {
  const puts = Object.entries(step.puts)
  const deletes = step.deletes.filter((key) => !(key in step.puts))
  const checks = step.checks.map((key): Check => {
    const revision = model.rows.get(key)?.revision
    if (revision === undefined)
      return step.stale ? { key: latin(key), revision: 1 } : { key: latin(key), absent: true }
    return { key: latin(key), revision: step.stale ? revision - 1 : revision }
  })
  const change: Change = {
    checks,
    puts: puts.map(([key, { value, payload }]) => ({
      key: latin(key),
      value: bytes(value),
      ...(payload === null ? {} : { payload: bytes(payload) }),
    })),
    deletes: deletes.map(latin),
  }
  if (step.stale && checks.length > 0) {
    assertNames(
      await store.commit(change),
      step.checks.map((key) => text(latin(key))),
      checks,
    )
    return
  }
  const revision = await commit(store, change)
  for (const [key, { value, payload }] of puts)
    model.rows.set(key, { value, payload: payload ?? '', revision })
  for (const key of deletes) model.rows.delete(key)
}

const latin = (key: string) => Buffer.from(key, 'latin1')

async function compare(store: KvStore, model: KvModel, key: string, row: Row | undefined): Promise<void> {
  const wanted = model.rows.get(key)
  assert.equal(row?.revision, wanted?.revision)
  if (row === undefined || wanted === undefined) return
  assert.equal(text(row.value), wanted.value)
  assert.equal(row.payloadBytes, bytes(wanted.payload).byteLength)
  assert.equal(textOf(await store.readPayload(latin(key), row.revision)), wanted.payload)
}
