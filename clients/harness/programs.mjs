// Programs that others wrote: where they are, and running them.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const tools = fileURLToPath(new URL('../.tools', import.meta.url))
const timeoutMs = 5 * 60_000
const shownChars = 4_000

/** A program that `install` put into .tools/, or one on the PATH; undefined when there is neither. */
export function findProgram(name) {
  const folders = [join(tools, 'bin'), join(tools, 'python', 'bin'), ...process.env.PATH.split(delimiter)]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** The Python of one of the environments that `install` made. */
export function findPython(environment) {
  return [join(tools, environment, 'bin', 'python')].find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // Absence is an answer here.
  }
}

/** What `skip` of a test takes: false when the program is there, else the reason. */
export const unless = (found, name) => (found === undefined ? `${name} is not installed` : false)

/**
 * Runs a program to its end and resolves to its output; rejects with what it said when it fails.
 * `onLine` sees each line of its standard output as it comes.
 */
export async function run(program, args, { env, cwd, onLine } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  let stdout = ''
  let stderr = ''
  if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', onLine)
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
  clearTimeout(timer)
  if (ended !== 0) {
    const said = `${stderr.slice(-shownChars)}\n${stdout.slice(-shownChars)}`
    throw new Error(`${program} ${args.join(' ')} ended with ${ended}\n${said}`)
  }
  return stdout
}
