import { fileURLToPath } from 'node:url'
import { ask } from '../report/child.mjs'

const generator = fileURLToPath(new URL('../load/main.mjs', import.meta.url))

/** Has the load generator, in a process of its own, load a server; resolves to what it saw. */
export const load = (order) => ask(generator, order)
