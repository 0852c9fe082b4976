import { malformedPolicy } from '../../errors.js'
import { limits } from '../../limits.js'

/** Objects are maps: no name in them is special. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

/**
 * Strict JSON in which no name occurs twice: of two, readers before or behind us might take the other one.
 *
 * @throws {@link EngineError} `MalformedPolicy`
 */
export function parseJson(text: string): Json {
  const reader = new JsonReader(text)
  return reader.document()
}

const tooDeep = () => malformedPolicy('The policy is nested too deeply')

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const PLAIN = /[^"\\]*/y

class JsonReader {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }

  document(): Json {
    const value = this.#value(0)
    if (this.#next() !== undefined) throw this.#unexpected()
    return value
  }

  #value(depth: number): Json {
    const first = this.#next()
    if ((first === '{' || first === '[') && depth === limits.policyMaxDepth) throw tooDeep()
    switch (first) {
      case '{':
        return this.#object(depth + 1)
      case '[':
        return this.#array(depth + 1)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, Json>()
    this.#at++
    if (this.#take('}')) return members
    do {
      if (this.#next() !== '"') throw this.#unexpected()
      const name = this.#string()
      if (members.has(name)) throw malformedPolicy(`The policy has the name ${JSON.stringify(name)} twice`)
      if (!this.#take(':')) throw this.#unexpected()
      members.set(name, this.#value(depth))
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#unexpected()
    return members
  }

  #array(depth: number): Json[] {
    const elements: Json[] = []
    this.#at++
    if (this.#take(']')) return elements
    do elements.push(this.#value(depth))
    while (this.#take(','))
    if (!this.#take(']')) throw this.#unexpected()
    return elements
  }

  #string(): string {
    const start = this.#at++
    for (;;) {
      this.#skip(PLAIN)
      const sign = this.#text[this.#at]
      if (sign === undefined) throw this.#unexpected()
      this.#at += sign === '"' ? 1 : 2
      if (sign === '"') break
    }
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string
    } catch {
      // Which escape or control character it is that JSON has not, the position tells well enough.
      this.#at = start
      throw this.#unexpected()
    }
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected()
    this.#at += word.length
    return value
  }

  #number(): number {
    const start = this.#at
    this.#skip(NUMBER)
    const value = Number(this.#text.slice(start, this.#at))
    if (this.#at === start || !Number.isFinite(value)) throw this.#unexpected()
    return value
  }

  #take(sign: string): boolean {
    if (this.#next() !== sign) return false
    this.#at++
    return true
  }

  #next(): string | undefined {
    this.#skip(SPACE)
    return this.#text[this.#at]
  }

  #skip(expression: RegExp): void {
    expression.lastIndex = this.#at
    expression.test(this.#text)
    this.#at = Math.max(this.#at, expression.lastIndex)
  }

  #unexpected(): Error {
    return malformedPolicy('Policies must be valid JSON', `it is not from character ${this.#at} on`)
  }
}
