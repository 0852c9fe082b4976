import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** Where a program leaves what it measured, unless it is told otherwise. */
export const resultsDirectory = fileURLToPath(new URL('../results', import.meta.url))

/**
 * What the command line says in place of these, each a text; asked for help, the program says it and ends.
 *
 * @param {Record<string, string | undefined>} defaults
 */
export function readOptions(help, defaults) {
  const options = Object.entries(defaults).map(([name, value]) => [
    name,
    { type: 'string', ...(value !== undefined && { default: value }) },
  ])
  const { values } = parseArgs({
    options: { ...Object.fromEntries(options), help: { type: 'boolean', default: false } },
  })
  if (!values.help) return values
  console.log(help)
  process.exit(0)
}
