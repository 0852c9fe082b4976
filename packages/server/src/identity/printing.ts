import { printable } from '../format.js'
import type { AdminActionName } from './admin-actions.js'
import type { Desk } from './identity-command.js'

export interface KeyShown {
  accessKeyId: string
  kind: string
  user: string
  enabled: boolean
  created: string
  expiresAt?: string
  description?: string
  policy?: string
  secretAccessKey?: string
}

export interface UserShown {
  name: string
  id: string
  displayName: string
  enabled: boolean
  created: string
  policies: string[]
  groups: string[]
}

/** The whole answer for programs, or else lines for a person. */
export function tell<T>(desk: Desk, answer: T, lines: (answer: T) => readonly string[]): void {
  if (desk.json) desk.say(JSON.stringify(answer))
  else for (const line of lines(answer)) desk.say(line)
}

/** Names and values in two columns; what is not there is left out. */
export const facts = (rows: Readonly<Record<string, string | number | undefined>>): string[] =>
  Object.entries(rows).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`  ${name.padEnd(13)} ${printable(String(value))}`],
  )

export const userFacts = (user: UserShown): string[] => [
  `${user.name}${user.enabled ? '' : ' (disabled)'}`,
  ...facts({
    'display name': user.displayName,
    id: user.id,
    created: user.created,
    policies: user.policies.join(', '),
    groups: user.groups.join(', '),
  }),
]

export const keyFacts = (key: KeyShown): string[] => [
  `${key.accessKeyId}${key.enabled ? '' : ' (disabled)'}`,
  ...facts({
    user: key.user,
    kind: key.kind,
    created: key.created,
    expires: key.expiresAt,
    description: key.description,
    policy: key.policy,
  }),
]

/** The only time that a secret is told. */
export const newKeyLines = ({ accessKeyId, secretAccessKey = '' }: KeyShown): string[] => [
  `  Access key    ${accessKeyId}`,
  `  Secret key    ${secretAccessKey}`,
  '  (shown once, and kept nowhere in the clear)',
]

interface Page {
  entries: unknown[]
  next?: string
}

/** All pages, one after the other: a line an entry. */
export async function tellAll<T>(
  desk: Desk,
  action: AdminActionName,
  input: object,
  line: (entry: T) => string,
): Promise<void> {
  for (let startAfter: string | undefined; ; ) {
    const page: Page = await desk.ask(action, {
      ...input,
      ...(startAfter === undefined ? {} : { startAfter }),
    })
    for (const entry of page.entries)
      desk.say(desk.json ? JSON.stringify(entry) : printable(line(entry as T)))
    if (page.next === undefined) return
    startAfter = page.next
  }
}
