import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'
import { decodePercent } from './percent.js'

/** The query of a request, decoded once. Names are case-sensitive; of a repeated name the first value counts. */
export class Query {
  readonly #values: ReadonlyMap<string, string>

  readonly #repeated: ReadonlyMap<string, readonly string[]> | undefined

  private constructor(
    values: ReadonlyMap<string, string>,
    repeated?: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#values = values
    this.#repeated = repeated
  }

  static readonly empty = new Query(new Map())

  /** @param raw What follows the `?`. A raw `+` is a space; a plus comes as `%2B`. */
  static parse(raw: string): Query {
    if (raw === '') return Query.empty
    const parts = raw.split('&')
    if (parts.length > limits.queryMaxParameters)
      throw new S3Error('InvalidURI', `A query may hold at most ${limits.queryMaxParameters} parameters.`)
    const values = new Map<string, string>()
    let repeated: Map<string, string[]> | undefined
    for (const part of parts) {
      if (part === '') continue
      const equals = part.indexOf('=')
      const name = decode(equals === -1 ? part : part.slice(0, equals))
      const value = equals === -1 ? '' : decode(part.slice(equals + 1))
      const first = values.get(name)
      if (first === undefined) {
        values.set(name, value)
        continue
      }
      repeated ??= new Map()
      const all = repeated.get(name)
      if (all === undefined) repeated.set(name, [first, value])
      else all.push(value)
    }
    return new Query(values, repeated)
  }

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** Every value of a repeated name, in their order. */
  all(name: string): readonly string[] {
    return this.#repeated?.get(name) ?? (this.#values.has(name) ? [this.#values.get(name)!] : [])
  }

  names(): IterableIterator<string> {
    return this.#values.keys()
  }
}

const decode = (text: string): string => decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text)
