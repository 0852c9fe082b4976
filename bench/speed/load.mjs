import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const generator = fileURLToPath(new URL('../load/main.mjs', import.meta.url))

/** Has the load generator, in a process of its own, load a server; resolves to what it saw. */
export async function load(order) {
  const child = spawn(process.execPath, [generator, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (complaint += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`The load generator failed: ${complaint.slice(-2_000)}`)
  return JSON.parse(output)
}
