import assert from 'node:assert/strict'
import test from 'node:test'
import { type Given, runCommand } from './command.js'
import { CommandFailure } from './failure.js'
import { identityCommands } from './identity/identity-commands.js'
import { explainSettings } from './settings/explain-settings.js'
import { serveSettings } from './settings/serve-settings.js'
import { flagOf, isVariableOnly, type SettingsTable, variableOf } from './settings/setting.js'
import {
  confirmClockSettings,
  rebuildIndexSettings,
  statSettings,
  verifySettings,
} from './settings/store-settings.js'

async function run(words: string[], action: (given: Given) => Promise<void> = async () => {}) {
  const said = { out: '', err: '' }
  const console = {
    out: (text: string) => (said.out += text),
    err: (text: string) => (said.err += text),
  }
  const actions = {
    serve: action,
    verify: action,
    stat: action,
    rebuildIndex: action,
    confirmClock: action,
    explainSignature: action,
    resealKeys: action,
    discardKeys: action,
    administer: (_command: unknown, given: Given) => action(given),
  }
  return { exitCode: await runCommand(words, actions, console, {}), ...said }
}

test('the words reach the settings by name', async () => {
  let given: Given = {}
  const words = ['serve', '--signature-v2', '/srv', '--port', '80', '--drain-timeout=5']
  const { exitCode } = await run(words, async (understood) => {
    given = understood
  })
  assert.equal(exitCode, 0)
  assert.deepEqual({ ...given }, { directory: '/srv', port: '80', drainTimeout: '5', signatureV2: 'true' })
})

test('words of a group of commands find each command, and --data is the directory', async () => {
  let given: Given = {}
  const words = ['key', 'add', 'alice', '--data', '/srv', '--policy-file', 'p.json']
  const { exitCode } = await run(words, async (understood) => {
    given = understood
  })
  assert.equal(exitCode, 0)
  assert.deepEqual({ ...given }, { user: 'alice', directory: '/srv', policyFile: 'p.json' })
})

for (const [name, { settings }] of Object.entries(identityCommands))
  test(`help of ${name} has every flag and the exit codes`, async () => {
    const { exitCode, out } = await run([...name.split(' '), '--help'])
    assert.equal(exitCode, 0)
    const help = out.replaceAll(/\s+/g, ' ')
    for (const [key, setting] of Object.entries(settings)) {
      if (setting.argument !== undefined) assert.ok(help.includes(setting.help))
      else if (isVariableOnly(setting)) assert.ok(help.includes(variableOf(key)))
      else assert.ok(help.includes(flagOf(key, setting)), flagOf(key, setting))
    }
    assert.match(help, /Exit codes: 0 done.* 8 the server cannot be reached/)
  })

test('a switch that is given is true', async () => {
  let given: Given = {}
  await run(['rebuild-index', '--accept-loss', '/srv'], async (words) => {
    given = words
  })
  assert.deepEqual({ ...given }, { directory: '/srv', acceptLoss: 'true' })
})

const commands: [name: string, table: SettingsTable, exitCodes: RegExp][] = [
  ['serve', serveSettings, /Exit codes: 0 done, or stopped as asked/],
  ['verify', verifySettings, /Exit codes: 0 done.* 3 the stored data is damaged/],
  ['stat', statSettings, /Exit codes: 0 done/],
  ['rebuild-index', rebuildIndexSettings, /Exit codes: 0 done/],
  ['clock confirm', confirmClockSettings, /Exit codes: 0 done/],
  ['explain-signature', explainSettings, /Exit codes: 0 explained/],
]
for (const [name, table, exitCodes] of commands) {
  test(`help of ${name} has every flag, its variable and its default, and the exit codes`, async () => {
    const { exitCode, out } = await run([...name.split(' '), '--help'])
    assert.equal(exitCode, 0)
    const help = out.replaceAll(/\s+/g, ' ')
    for (const [key, setting] of Object.entries(table)) {
      assert.ok(help.includes(variableOf(key)), `${variableOf(key)} is in the help`)
      if (setting.value)
        assert.ok(help.includes(`${flagOf(key)} ${setting.value}`), `${flagOf(key)} is in the help`)
      if (setting.isSwitch) assert.ok(help.includes(`${flagOf(key)} `), `${flagOf(key)} is in the help`)
      else if (setting.default)
        assert.ok(help.includes(`(default ${setting.default}, env ${variableOf(key)})`))
    }
    assert.match(help, exitCodes)
  })
}

test('a secret has no flag', async () => {
  const { exitCode, err } = await run(['serve', '--root-secret-key', 'x'])
  assert.equal(exitCode, 2)
  assert.match(err, /unknown option '--root-secret-key'/)
})

test('an unknown flag is refused with the flag it resembles and the way to the list', async () => {
  const { exitCode, err } = await run(['serve', '--prot', '80'])
  assert.equal(exitCode, 2)
  assert.match(err, /^aquifer: unknown option '--prot'\n\(Did you mean --port\?\)/)
  assert.match(err, /"aquifer serve --help" lists what there is/)
})

test('an unknown command, a second directory and a flag without its value are wrong usage', async () => {
  for (const words of [['sevre'], ['serve', 'a', 'b'], ['serve', '--port']]) {
    const { exitCode, err } = await run(words)
    assert.equal(exitCode, 2, words.join(' '))
    assert.match(err, /^aquifer: /)
  }
})

test("the version is the package's", async () => {
  const { exitCode, out } = await run(['--version'])
  assert.equal(exitCode, 0)
  assert.match(out, /^\d+\.\d+\.\d+\S*\n$/)
})

test('without a word the help is shown', async () => {
  const { err, exitCode } = await run([])
  assert.match(err, /Usage: aquifer/)
  assert.equal(exitCode, 2)
})

test('a failure is told as what is wrong and what to do, and ends with its code', async () => {
  const { exitCode, err } = await run(['serve'], async () => {
    throw new CommandFailure('address', 'Port 9000 is in use.', 'Choose another.')
  })
  assert.equal(exitCode, 5)
  assert.equal(err, 'aquifer: Port 9000 is in use.\n  Choose another.\n')
})

test('what is not foreseen is not dressed up: it rises with its stack', async () => {
  const surprise = new TypeError('x is not a function')
  await assert.rejects(
    run(['serve'], async () => {
      throw surprise
    }),
    (error) => error === surprise,
  )
})
