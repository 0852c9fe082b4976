import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { CommandFailure } from '../failure.js'
import { type NotifyKind, type NotifyTargets, notifyFamilies } from '../settings/notify-variables.js'
import { numberedVariables } from '../settings/numbered-variables.js'
import type { Environment } from '../settings/read-settings.js'

const file = z.record(
  z.string(),
  z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
)

/**
 * The targets of events that this run has: a flag wins over the environment, and that over the file, each for every field.
 *
 * @throws {@link CommandFailure} `usage`
 */
export function readNotifyTargets(
  environment: Environment,
  { notifyFile, notifyWebhook }: { notifyFile: string; notifyWebhook: ReadonlyMap<string, string> },
): NotifyTargets {
  const fromFile = notifyFile === '' ? {} : readFile(notifyFile)
  const kinds = Object.keys(notifyFamilies) as NotifyKind[]
  const targets = kinds.map((kind) => {
    const found = new Map<string, Record<string, string>>()
    const add = (id: string, fields: Readonly<Record<string, string | undefined>>) =>
      found.set(id, { ...found.get(id), ...(fields as Record<string, string>) })
    for (const [id, fields] of Object.entries(fromFile[kind] ?? {})) add(id, fields)
    for (const [id, fields] of numberedVariables(notifyFamilies[kind], environment)) add(id, fields)
    if (kind === 'webhook') for (const [id, url] of notifyWebhook) add(id, { ENDPOINT: url })
    return [kind, found] as const
  })
  return Object.fromEntries(targets) as unknown as NotifyTargets
}

type FileTargets = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>

/** `{ "webhook": { "ID": { "endpoint": "…" } } }`: the fields are the variables', in either case. */
function readFile(path: string): FileTargets {
  const wrong = (message: string, cause?: unknown) =>
    new CommandFailure(
      'usage',
      `${path}: ${message}`,
      'It holds JSON such as {"webhook": {"search": {"endpoint": "http://search.internal/events"}}}.',
      { cause },
    )
  let document: unknown
  try {
    document = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw wrong((error as Error).message, error)
  }
  const read = file.safeParse(document)
  if (!read.success) throw wrong(z.prettifyError(read.error))
  const kinds = Object.entries(read.data).map(([kind, members]) => {
    if (!Object.hasOwn(notifyFamilies, kind)) throw wrong(`there is no kind of target "${kind}".`)
    const fields: readonly string[] = notifyFamilies[kind as NotifyKind].fields
    const known = Object.entries(members).map(([id, given]) => [id, fieldsOf(given, fields, wrong)] as const)
    return [kind, Object.fromEntries(known)] as const
  })
  return Object.fromEntries(kinds)
}

function fieldsOf(
  given: Readonly<Record<string, string | number | boolean>>,
  fields: readonly string[],
  wrong: (message: string) => CommandFailure,
): Record<string, string> {
  const known = Object.entries(given).map(([name, value]) => {
    const field = name.toUpperCase()
    if (!fields.includes(field)) throw wrong(`"${name}" is nothing that such a target has.`)
    return [field, String(value)]
  })
  return Object.fromEntries(known)
}
