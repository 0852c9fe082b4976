import { readFileSync } from 'node:fs'
import { CommandFailure } from './failure.js'

/** With which a webhook is called that asks who calls. @throws {@link CommandFailure} `usage` */
export function clientCertificate(
  { cert, key }: { cert: string | undefined; key: string | undefined },
  variable: (field: string) => string,
): { tls?: { cert: string; key: string } } {
  if (cert === undefined && key === undefined) return {}
  if (cert === undefined || key === undefined)
    throw new CommandFailure(
      'usage',
      `Only one of ${variable('CLIENT_CERT')} and ${variable('CLIENT_KEY')} is set.`,
      'Set both, the paths of PEM files, or neither.',
    )
  return { tls: { cert: readPem(cert), key: readPem(key) } }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const message = `${path} cannot be read: ${(error as Error).message}.`
    throw new CommandFailure('usage', message, 'Give the path of a PEM file.', { cause: error })
  }
}
