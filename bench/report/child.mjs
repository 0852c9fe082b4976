import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * Runs a module in a process of its own, with an order as JSON; resolves to the JSON that it printed.
 *
 * @param onLine is told each line that it writes to standard error meanwhile
 */
export async function ask(module, order, { onLine } = {}) {
  const child = spawn(process.execPath, [module, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  createInterface(child.stderr).on('line', (line) => {
    complaint = `${complaint}${line}\n`.slice(-2_000)
    onLine?.(line)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${module} failed: ${complaint}`)
  return JSON.parse(output)
}
