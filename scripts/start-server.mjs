// Starts an `aquifer serve` as a process of its own and waits until it says where it listens.
import { spawn } from 'node:child_process'

const startTimeoutMs = 60_000
const stopTimeoutMs = 30_000
/** What is kept of the server's output, to be shown when something goes wrong. */
const keptOutputChars = 20_000

/**
 * @param {{ command: string[], cwd?: string, env?: Record<string, string> }} options
 *   `command` is the program with its arguments; `env` is laid over this process's environment.
 */
export async function startServer({ command: [program, ...args], cwd, env }) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what the program starts (npx, pnpm, a shell) gets its signals too.
    detached: true,
  })
  let output = ''
  const keep = (text) => {
    output = (output + text).slice(-keptOutputChars)
  }
  const exited = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  let timer
  const url = await new Promise((resolve, reject) => {
    const refuse = (why) => reject(new Error(`${program} ${args.join(' ')} ${why}\n${output}`))
    timer = setTimeout(() => {
      signalGroup('SIGKILL')
      refuse(`did not say where it listens within ${startTimeoutMs / 1000} s.`)
    }, startTimeoutMs)
    child.once('error', reject)
    exited.then(({ code, signal }) => refuse(`ended (${code ?? signal}) before it listened.`))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        keep(text)
        const found = /Aquifer serves S3 at (https?:\/\/\S+)/.exec(output)
        if (found !== null) resolve(found[1])
      })
  }).finally(() => clearTimeout(timer))

  function signalGroup(signal) {
    if (child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error // It ended between the question and the signal.
    }
  }

  return {
    url,
    pid: child.pid,
    output: () => output,
    /** As a power cut would: nothing is drained, nothing is closed. */
    async kill() {
      signalGroup('SIGKILL')
      await exited
    },
    /** SIGTERM, then the end. Rejects when the server ends badly or not at all. */
    async stop() {
      signalGroup('SIGTERM')
      const timer = setTimeout(() => signalGroup('SIGKILL'), stopTimeoutMs)
      const { code, signal } = await exited
      clearTimeout(timer)
      // What started it, such as npx, dies of the signal; the server's own last line tells that it ended well.
      const endedWell = code === 0 || (signal === 'SIGTERM' && output.includes('"msg":"stopped"'))
      if (!endedWell) throw new Error(`The server ended with ${code ?? signal} after SIGTERM.\n${output}`)
    },
  }
}
