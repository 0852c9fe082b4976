import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readSmallBody } from '../wire/xml-body.js'

/** What AWS lets a request say that is not honoured here; all of it would change what the session may do. */
const NOT_HONOURED =
  /^(?:ExternalId|PolicyArns\..*|ProvidedContexts\..*|ProviderId|SerialNumber|SourceIdentity|Tags\..*|TokenCode|TokenRevokeType|TransitiveTagKeys\..*)$/

/** The parameters of a request to the Security Token Service, each given once, in its body or in its URL. */
export class TokenParameters {
  readonly #values: ReadonlyMap<string, string>

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  /** @throws {@link S3Error} `InvalidParameterValue`, `MissingParameter`, `NotImplemented`, `MaxMessageLengthExceeded` */
  static async read(call: Call): Promise<TokenParameters> {
    const body = await readSmallBody(call, { maxBytes: limits.tokenRequestMaxBytes })
    const given = [
      ...[...call.query.names()].map((name) => [name, call.query.get(name)!] as const),
      ...new URLSearchParams(textOf(body)),
    ]
    if (given.length > limits.tokenParametersMax)
      throw invalidParameter(`A request has up to ${limits.tokenParametersMax} parameters.`)
    const values = new Map<string, string>()
    for (const [name, value] of given) {
      if (values.has(name)) throw invalidParameter(`The parameter ${name} is given twice.`)
      if (value !== '' && NOT_HONOURED.test(name))
        throw new S3Error('NotImplemented', `The parameter ${name} is not implemented.`)
      values.set(name, value)
    }
    const parameters = new TokenParameters(values)
    const version = parameters.require('Version')
    if (version !== '2011-06-15')
      throw invalidParameter(`The version is "${version}"; there is 2011-06-15 alone.`)
    return parameters
  }

  /** An empty one is as if it were not there. */
  get(name: string): string | undefined {
    return this.#values.get(name) || undefined
  }

  /** @throws {@link S3Error} `MissingParameter` */
  require(name: string): string {
    const value = this.get(name)
    if (value === undefined)
      throw new S3Error('MissingParameter', `The request must contain the parameter ${name}.`)
    return value
  }

  /** What narrows a session, and how long it lasts. */
  get session(): { readonly durationSeconds?: number; readonly policy?: string } {
    const duration = this.get('DurationSeconds')
    const policy = this.get('Policy')
    if (duration !== undefined && !/^\d{1,9}$/.test(duration))
      throw invalidParameter('DurationSeconds is a whole number of seconds.')
    return {
      ...(duration === undefined ? {} : { durationSeconds: Number(duration) }),
      ...(policy === undefined ? {} : { policy }),
    }
  }

  /** There are no roles: what a client calls its session is told back to it, and its role is not asked for. */
  get sessionName(): string {
    const name = this.get('RoleSessionName') ?? 'session'
    if (!/^[\w+=,.@-]{2,64}$/.test(name))
      throw invalidParameter('RoleSessionName is 2 to 64 letters, digits or characters of _+=,.@-')
    return name
  }
}

export const invalidParameter = (message: string): S3Error => new S3Error('InvalidParameterValue', message)

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw invalidParameter('The request is not UTF-8.')
  }
}
