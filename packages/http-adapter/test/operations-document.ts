import { type Need, type OperationName, operations, type Profile, type Row } from '@aquifer/http-adapter'

const profiles: readonly Profile[] = ['aistor', 'aws', 'express']

const words = {
  served: 'served',
  neutral: 'as if never set',
  notSupported: '501 NotSupported',
  notImplemented: '501 NotImplemented',
  methodNotAllowed: '405 MethodNotAllowed',
} as const

/** `docs/s3-compatibility.md`, as the table of operations has it. */
export function operationsDocument(): string {
  return `# S3 compatibility: every operation, and what is answered to it

Written from \`packages/http-adapter/src/operations.ts\` by \`node scripts/write-operations.mjs\`; a test compares the two.
A profile is chosen by \`--profile\`: \`aistor\` is the surface of MinIO AIStor and the default, \`aws\` all of S3, \`express\`
AIStor's S3 Express mode. **As if never set** is the answer S3 gives while a setting was never made: tools read it unasked.

${table(['Answer', ...profiles], Object.keys(words).map(count))}
What is refused changes nothing. What an answer of \`aistor\` sends people to instead, as the AIStor page does:

${table(['Operations', 'Instead'], alternatives())}
\`+name\` stands for a header. **Right** is what a request needs before anything of it is carried out or looked up; where a version is
named, the right of versions (\`s3:GetObjectVersion\` for \`s3:GetObject\`). What stands in brackets the operation asks for by itself:
for each of what it lists, or to leave something out.

${table(['Operation', 'Request', 'Right', ...profiles], Object.entries(operations).map(cells))}`
}

const rows: readonly [string, Row][] = Object.entries(operations).flatMap(([name, row]) =>
  'sameWireAs' in row ? [] : [[name, row] as const],
)

function count(kind: string): string[] {
  const of = (profile: Profile) => rows.filter(([, row]) => row[profile].kind === kind).length
  return [words[kind as keyof typeof words], ...profiles.map((profile) => String(of(profile)))]
}

/** By what their messages say, in the order of the table. */
function alternatives(): string[][] {
  const byMessage = new Map<string, string[]>()
  for (const [name, { aistor }] of rows) {
    if (aistor.kind !== 'notSupported') continue
    const [, message = ''] = /^This operation is not supported\.(?: (.+))?$/.exec(aistor.message) ?? []
    byMessage.set(message, [...(byMessage.get(message) ?? []), name])
  }
  byMessage.delete('')
  return [...byMessage].map(([message, names]) => [names.join(', '), message])
}

function cells([name, row]: [string, Row | { sameWireAs: OperationName }]): string[] {
  if ('sameWireAs' in row) return [name, `as ${row.sameWireAs}`, '', '', '', '']
  const right = 'openToAll' in row.needs ? 'none' : row.needs.map(needOf).join(', ')
  return [name, `\`${row.route}\``, right, ...profiles.map((profile) => words[row[profile].kind])]
}

const of = {
  service: '',
  bucket: '',
  object: '',
  source: ' of the source',
  each: ' of each',
  archive: ' of the archive',
} as const

/** What is asked by the operation itself stands in brackets: a request is not refused for want of it alone. */
function needOf({ action, of: what, when, isRequired }: Need): string {
  const text = `\`${action}\`${of[what]}${when === undefined ? '' : ` ${when}`}`
  return isRequired ? text : `(${text})`
}

/** As the formatter wants it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return `${[line(head), rule, ...rows.map(line)].join('\n')}\n`
}
