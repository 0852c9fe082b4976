import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { runCommand } from '../dist/command.js'
import { administer } from '../dist/identity/administer.js'

/** The command, to its end, in this process: there are many. */
export async function run(
  words: readonly string[],
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
) {
  const told = { out: '', err: '' }
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)])
  const write = (text: string): boolean => {
    told.out += text
    return true
  }
  const misplaced = () => assert.fail('it is another command')
  const exitCode = await runCommand(
    words,
    {
      ...{ serve: misplaced, verify: misplaced, stat: misplaced, rebuildIndex: misplaced },
      ...{
        confirmClock: misplaced,
        explainSignature: misplaced,
        resealKeys: misplaced,
        discardKeys: misplaced,
      },
      administer: (command, given, environment) =>
        administer(command, given, environment, {
          stdin,
          stdout: { isTTY: false, write },
          stderr: { isTTY: false, write },
        }),
    },
    { out: (text) => (told.out += text), err: (text) => (told.err += text) },
    env,
  )
  return { exitCode, ...told }
}
