// Names the compiled test files itself: `node --test` alone would also pick up TypeScript sources on newer Nodes.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const root = new URL('..', import.meta.url).pathname
const wanted = process.argv.slice(2)
const files = []
for (const folder of await readdir(join(root, 'packages'))) {
  for (const built of ['dist', 'dist-test']) {
    const found = await readdir(join(root, 'packages', folder, built), { recursive: true }).catch(() => [])
    for (const file of found)
      if (file.endsWith('.test.js')) files.push(join(root, 'packages', folder, built, file))
  }
}
const chosen = files
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort()
if (chosen.length === 0) throw new Error('No test file was found: build first.')

const skipped = []
let failed = 0
let passed = 0
const tests = run({ files: chosen, concurrency: 2 })
tests.on('test:pass', ({ name, skip, details }) => {
  if (skip !== undefined) skipped.push(typeof skip === 'string' ? `${name}: ${skip}` : name)
  else if (details.type !== 'suite') passed++
})
tests.on('test:fail', () => failed++)
const report = tests.compose(new spec())
report.pipe(process.stdout)
await new Promise((resolve) => report.on('end', resolve))
for (const line of skipped) console.log(`skipped: ${line}`)
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
process.exitCode = failed > 0 ? 1 : 0
