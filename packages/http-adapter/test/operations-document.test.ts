import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { errorsDocument } from './errors-document.js'
import { operationsDocument } from './operations-document.js'

test('docs/s3-compatibility.md says what the table of operations says', async () => {
  const written = await readFile(new URL('../../../docs/s3-compatibility.md', import.meta.url), 'utf8')
  assert.ok(written === operationsDocument(), 'Run node scripts/write-operations.mjs.')
})

test('docs/errors.md says what the tables of errors say', async () => {
  const written = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  assert.ok(written === errorsDocument(), 'Run node scripts/write-operations.mjs.')
})
