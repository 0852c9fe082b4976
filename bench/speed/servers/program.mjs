import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const START_TIMEOUT_MS = 30_000

/** Where `bench/peers/install` puts them. */
const installed = fileURLToPath(new URL('../../.peers', import.meta.url))

/** The path of a program in PATH or among the installed peers, or undefined where it is not. */
export function findProgram(name) {
  const folders = [join(installed, 'bin'), join(installed, 'node_modules', '.bin')]
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...folders]) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this one.
    }
  }
  return undefined
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a program and waits until its port answers. */
export async function startProgram({ command: [program, ...args], env = {}, url, cwd }) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // However this process ends, its servers do not outlive it.
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  let output = ''
  const keep = (chunk) => {
    output = (output + chunk).slice(-5_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'close')
  const until = Date.now() + START_TIMEOUT_MS
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL')
      throw new Error(`${program} does not answer at ${url}.\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
      process.off('exit', end)
    },
  }
}

async function answers(url) {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    return status !== 503 // It is there and not ready.
  } catch {
    return false
  }
}
