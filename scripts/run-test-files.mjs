// Runs test files, prints what they say, what failed, and why what was skipped was skipped. The last line
// is the count; the exit code says whether all is well.
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { inspect } from 'node:util'

/** A file that takes longer than this hangs; it is ended and counts as failed. */
const fileTimeoutMs = 8 * 60_000
const reasonLinesMax = 40

export async function runTestFiles(files, { root, concurrency = availableParallelism() }) {
  const failures = []
  const skips = new Map()
  let passed = 0
  const tests = run({ files, concurrency, timeout: fileTimeoutMs })
  tests.on('test:pass', ({ name, skip, todo, details, file }) => {
    if (skip !== undefined && skip !== false) {
      const reason = typeof skip === 'string' && skip !== '' ? skip : 'no reason given'
      skips.set(reason, [...(skips.get(reason) ?? []), name])
    }
    // node:test lets a failing test pass when it is marked "todo"; here a test promises or is not there.
    else if (todo !== undefined && todo !== false)
      failures.push(`${place(root, file)}: ${name} (marked todo)`)
    else if (isTest(name, details, files)) passed++
  })
  tests.on('test:fail', ({ name, details, file, todo }) => {
    // A test around a failed one fails with it: the inner one is what is counted and named.
    if (details.error?.failureType === 'subtestsFailed') return
    const marked = todo === undefined || todo === false ? '' : ' (marked todo)'
    failures.push(`${place(root, file)}: ${name}${marked}\n${reasonOf(details.error)}`)
  })
  const report = tests.compose(new spec())
  report.pipe(process.stdout, { end: false })
  await new Promise((resolve, reject) => report.on('end', resolve).on('error', reject))

  const skipped = [...skips.values()].reduce((sum, names) => sum + names.length, 0)
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((text) => indent(text, 2)).join('\n')}`)
  if (skipped > 0) console.log('\nskipped:')
  for (const [reason, names] of skips)
    console.log(
      `  ${names.length} because: ${reason} (${names.slice(0, 3).join('; ')}${names.length > 3 ? '; …' : ''})`,
    )
  if (passed + failures.length === 0) console.log('No test ran.')
  console.log(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped`)
  return passed > 0 && failures.length === 0
}

// Some Nodes report each file as a test around its tests.
const isTest = (name, details, files) => details.type !== 'suite' && !files.includes(name)

/** Why a test failed: the error as it would be printed, with its stack, cut where it goes on and on. */
function reasonOf(error) {
  const lines = inspect(error?.cause ?? error, { maxStringLength: 2_000, maxArrayLength: 50 }).split('\n')
  const kept = lines.slice(0, reasonLinesMax).map((line) => line.slice(0, 400))
  if (lines.length > kept.length) kept.push(`… ${lines.length - kept.length} lines more`)
  return indent(kept.join('\n'), 4)
}

const indent = (text, columns) => text.replace(/^(?=.)/gm, ' '.repeat(columns))

const place = (root, file) => (file === undefined ? 'unknown file' : relative(root, file))
