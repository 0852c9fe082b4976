// usage: node scripts/test.mjs [WORD…]      Runs the compiled tests whose path holds one of the words, or all.
// The files are named one by one: `node --test` alone would also pick up TypeScript sources on newer Nodes.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTestFiles } from './run-test-files.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
const sourceOf = { dist: 'src', 'dist-test': 'test' }

const files = []
for (const name of await readdir(join(root, 'packages'))) {
  const folder = join(root, 'packages', name)
  for (const [built, source] of Object.entries(sourceOf)) {
    const found = await readdir(join(folder, built), { recursive: true }).catch(() => [])
    for (const file of found) {
      // A test whose source is gone stays behind in the built folder until someone cleans it.
      const origin = join(folder, source, file.replace(/\.js$/, '.ts'))
      if (file.endsWith('.test.js') && existsSync(origin)) files.push(join(folder, built, file))
    }
  }
}
const chosen = files
  .map((file) => ({ file, path: file.slice(root.length) }))
  .filter(({ path }) => words.length === 0 || words.some((word) => path.includes(word)))
  .map(({ file }) => file)
  .sort()
if (chosen.length === 0) {
  console.error(
    files.length === 0
      ? 'No compiled test was found: build first.'
      : `No test file's path holds: ${words.join(', ')}`,
  )
  process.exitCode = 1
} else process.exitCode = (await runTestFiles(chosen, { root })) ? 0 : 1
