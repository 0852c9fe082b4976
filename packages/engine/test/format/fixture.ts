import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { untar } from './untar.js'

const fixtures = new URL('../../test/fixtures/', import.meta.url)

/** What `scripts/make-fixture.mjs` noted of the store that it made. */
export interface Expected {
  buckets: Record<string, { created: string; ownerId?: string; objects: Record<string, ExpectedObject> }>
  uploads: ExpectedUpload[]
  completed: {
    bucket: string
    key: string
    uploadId: string
    parts: { partNumber: number; etag: string }[]
  }
  /** When the store was left. */
  at: string
}

/** Some facts of its `ObjectInfo`, by their names there. */
export interface ExpectedObject {
  [fact: string]: unknown
  lastModified: string
  sizeBytes: number
  sha256: string
  parts?: { partNumber: number; sizeBytes: number; checksums: Record<string, string> }[]
}

export interface ExpectedUpload {
  [fact: string]: unknown
  bucket: string
  key: string
  uploadId: string
  initiated: string
  parts: { [fact: string]: unknown; partNumber: number; etag: string; lastModified: string }[]
  completedSha256: string
}

/** A copy of the store of this format, to do with as one likes. */
export async function copyOfFixture(
  t: TestContext,
  format: number,
): Promise<{ directory: string; expected: Expected }> {
  const fixture = fileURLToPath(new URL(`format-${format}/`, fixtures))
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-format-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  await untar(join(fixture, 'store.tar.gz'), directory)
  return { directory, expected: JSON.parse(await readFile(join(fixture, 'expected.json'), 'utf8')) }
}
