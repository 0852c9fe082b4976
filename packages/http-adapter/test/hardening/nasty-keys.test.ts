import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createS3Handler } from '@aquifer/http-adapter'
import fc from 'fast-check'
import { openEngine } from '../open-engine.js'
import { owner } from '../s3-in-memory.js'

const count = Number(process.env.AQUIFER_NASTY_KEYS ?? 10_000)
const seed = Number(process.env.AQUIFER_SEED ?? Date.now() & 0x7fffffff)

/** Beyond what rides on a record's row: these have files of their own. */
const large = Buffer.alloc(100 * 1024, 'large')

/** What a path is made of, and what a path must not be made of. */
const piece = fc.constantFrom(
  ...['..', '.', '/', '//', '\\', '..\\', '../', '%2e%2e%2f', '%2F', '%5C', '%00', '%', '~', '$HOME', '`id`'],
  ...[
    'C:',
    'C:\\',
    '\\\\?\\',
    'CON',
    'NUL',
    'aux.txt',
    ' ',
    '.',
    'a'.repeat(300),
    '\n',
    '\r\n',
    '\t',
    '\x7f',
  ],
  ...['journal', 'index', 'CURRENT', 'LOCK', 'owner.json', '0000000001.segment', 'root-credentials', 'blobs'],
  ...[
    '\u202e',
    '\ufeff',
    'ｅ',
    'é',
    'e\u0301',
    '😀',
    '<',
    '>',
    '"',
    "'",
    '|',
    '?',
    '*',
    ';',
    '&',
    '#',
    'xl.meta',
  ],
)
const nasty = fc
  .oneof(
    fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.constantFrom('a'.repeat(1_024), '/'.repeat(1_024), '../'.repeat(341)),
  )
  .filter((key) => Buffer.byteLength(key) <= 1_024 && !key.includes('\0'))

/** Every name that docs/format.md gives a file or folder of a data directory. */
const ours = [
  /^(?:owner|journal|index|blobs|quarantine)$/,
  /^(?:owner|index)\/(?:\d{6}\.(?:ldb|log)|in-use|CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d{6})$/,
  /^owner\.json$/,
  /^journal\/(?:\d{10,}\.segment|\d+\.spare|ballast)$/,
  /^blobs\/[\da-f]{2}(?:\/[\da-f]{14})?$/,
]

test(`${count} nasty keys leave no name but ours in the data directory, and each is found by its own`, async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'aquifer-keys-'))
  const directory = join(parent, 'data')
  t.after(() => rm(parent, { recursive: true, force: true }))
  t.diagnostic(`seed ${seed}`)
  await using engine = await openEngine({ directory })
  await engine.createBucket('bucket')
  const handler = createS3Handler(engine, { authenticate: () => owner })
  const ask = async (method: string, key: string, body: Uint8Array = Buffer.alloc(0)) => {
    const { status, body: answer } = await handler({
      method,
      rawUrl: `/bucket/${encodeURIComponent(key)}`,
      rawHeaders: [
        ['host', 'x'],
        ['content-length', String(body.byteLength)],
      ],
      body: (async function* () {
        yield body
      })(),
      secure: false,
      signal: new AbortController().signal,
    })
    const chunks: Uint8Array[] = []
    if (answer instanceof Uint8Array) chunks.push(answer)
    else if (answer !== undefined) for await (const chunk of answer) chunks.push(Uint8Array.from(chunk))
    return { status, bytes: Buffer.concat(chunks) }
  }

  const keys = [...new Set(fc.sample(nasty, { seed, numRuns: count * 2 }))].slice(0, count)
  assert.equal(keys.length, count)
  const bodyOf = (at: number): Buffer => (at % 500 === 0 ? large : Buffer.from(String(at)))
  for (let at = 0; at < keys.length; at += 100) {
    const some = keys.slice(at, at + 100)
    const answers = await Promise.all(some.map((key, offset) => ask('PUT', key, bodyOf(at + offset))))
    for (const [offset, { status, bytes }] of answers.entries())
      assert.equal(status, 200, `${JSON.stringify(some[offset])}: ${bytes}`)
  }
  for (let at = 0; at < keys.length; at += 10)
    assert.ok((await ask('GET', keys[at]!)).bytes.equals(bodyOf(at)), JSON.stringify(keys[at]))
  const found = new Set<string>()
  for await (const entry of engine.bucket('bucket').list())
    if (entry.type === 'object') found.add(entry.info.key)
  assert.deepEqual(found, new Set(keys))

  assert.deepEqual(await readdir(parent), ['data'])
  const names = await readdir(directory, { recursive: true })
  assert.ok(names.filter((name) => name.startsWith('blobs/')).length > count / 500)
  for (const name of names)
    assert.ok(
      ours.some((pattern) => pattern.test(name)),
      name,
    )
})
