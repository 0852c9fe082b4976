import type { ComparedRow } from './compare-canonical-requests.js'
import type { SignatureExplanation } from './explain-signature.js'

/** An explanation as text for a terminal or a log. Tokens in it are cut short, as they are secrets. */
export function formatExplanation({ findings, ours, rows }: SignatureExplanation): string {
  const lines = [...findings]
  const firstDifference = rows.find(({ same }) => !same)
  if (firstDifference !== undefined)
    lines.push(`The first difference is the ${firstDifference.part}.`, '', ...table(rows))
  else if (ours !== undefined) {
    const what = ours.canonicalRequest === ours.stringToSign ? 'string to sign' : 'canonical request'
    lines.push('', `The ${what} made here:`, ...withoutTokens(ours.canonicalRequest))
  }
  return `${lines.map(printable).join('\n')}\n`
}

/** What differs stands letter under letter: beside each other, long queries would be out of sight. */
function table(rows: readonly ComparedRow[]): string[] {
  const width = Math.max(...rows.map(({ part }) => part.length))
  return rows.flatMap(({ part, ours, theirs, same }) =>
    same
      ? [`  ${part.padEnd(width)}          ${shorten(part, ours)}`]
      : [
          `≠ ${part.padEnd(width)}  here    ${shorten(part, ours)}`,
          `  ${' '.repeat(width)}  client  ${shorten(part, theirs)}`,
        ],
  )
}

const isToken = (name: string): boolean => /x-amz-(security|s3session)-token/i.test(name)

const shorten = (part: string, value: string | undefined): string => {
  if (value === undefined) return '(absent)'
  return isToken(part) ? cut(value) : cutInQuery(value)
}

const cut = (secret: string): string => `${secret.slice(0, 8)}…`
const cutInQuery = (text: string): string =>
  text.replace(/(X-Amz-(?:Security|S3session)-Token=)([^&]*)/g, (_, name, secret) => name + cut(secret))

const withoutTokens = (canonical: string): string[] =>
  canonical.split('\n').map((line) => {
    const colon = line.indexOf(':')
    return isToken(line.slice(0, colon))
      ? `${line.slice(0, colon + 1)}${cut(line.slice(colon + 1))}`
      : cutInQuery(line)
  })

/** What came from outside must not steer a terminal. */
const printable = (line: string): string =>
  line.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
