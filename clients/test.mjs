// usage: node test.mjs [WORD…]      Runs the clients' tests whose file's name holds one of the words, or all.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTestFiles } from '../scripts/run-test-files.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)
const files = (await readdir(root))
  .filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  // The longest first: the others run beside it.
  .sort((a, b) => Number(b.startsWith('main-job')) - Number(a.startsWith('main-job')) || a.localeCompare(b))
  .map((file) => join(root, file))
process.exitCode = (await runTestFiles(files, { root })) ? 0 : 1
