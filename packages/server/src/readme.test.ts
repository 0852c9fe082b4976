import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import test from 'node:test'
import { serveSettings } from './settings/serve-settings.js'
import { flagOf, isVariableOnly, type Setting, variableOf } from './settings/setting.js'

const root = new URL('../../../', import.meta.url)
const readme = await readFile(new URL('README.md', root), 'utf8')

test("the README's first example is the code that is run", async () => {
  const code = await readFile(new URL('examples/embed/src/quick-start.ts', root), 'utf8')
  const shown = /```ts\n(.*?)```/s.exec(readme)?.[1]
  assert.equal(shown, code)
})

test("the README's table of flags is the table of settings", () => {
  const settings = Object.entries<Setting>(serveSettings)
    .filter(([, setting]) => !isVariableOnly(setting))
    .map(([name, { argument, help, isSwitch, default: preset }]) => [
      `\`${argument ?? flagOf(name)}\``,
      `\`${variableOf(name)}\``,
      isSwitch ? 'off' : preset ? `\`${preset}\`` : 'none',
      help,
    ])
  const rows = readme.match(/^\| `(--[a-z0-9-]+|\[dir\])` +\|.*\|$/gm) ?? []
  const cells = rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  assert.deepEqual(cells, settings)
})

test('what the README points to is there', async () => {
  for (const [, path] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    await stat(new URL(path!, root))
  }
})
