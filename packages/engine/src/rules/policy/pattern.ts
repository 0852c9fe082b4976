import { malformedPolicy } from '../../errors.js'
import { contextKey, isConditionKey } from './condition-keys.js'
import { matchSegments, ONE, type Segment } from './glob.js'

/** Text with wildcards and variables, taken apart. */
export interface Pattern {
  /** As written. */
  readonly source: string
  readonly pieces: readonly Piece[]
}

/** `*` is any text, none too; `?` is one character. */
type Piece =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: '*' | '?' }
  | { readonly type: 'variable'; readonly key: string; readonly fallback?: string }

/** What a variable stands for. `undefined`: nothing is known, and without a default of its own nothing matches. */
export type Resolve = (contextKey: string) => string | undefined

export interface PatternOptions {
  /** Whether `*` and `?` are signs, or characters like any other. */
  readonly wildcards: boolean
  /** Whether `${…}` is a sign. */
  readonly variables: boolean
}

/** `${*}`, `${?}` and `${$}` are those characters themselves. Source: IAM User Guide, "Policy variables". */
const ESCAPED = new Set(['*', '?', '$'])
const VARIABLE = /^\s*([^\s,']+)\s*(?:,\s*'([^']*)'\s*)?$/

/** @throws {@link EngineError} `MalformedPolicy` */
export function parsePattern(
  source: string,
  { wildcards, variables }: PatternOptions,
  where: string,
): Pattern {
  const pieces: Piece[] = []
  let literal = ''
  const endLiteral = () => {
    if (literal !== '') pieces.push({ type: 'literal', text: literal })
    literal = ''
  }
  for (let at = 0; at < source.length; at++) {
    const sign = source[at]!
    if (variables && sign === '$' && source[at + 1] === '{') {
      const end = source.indexOf('}', at)
      if (end === -1) throw malformedPolicy('The policy has a variable that does not end', where)
      const inside = source.slice(at + 2, end)
      if (ESCAPED.has(inside)) literal += inside
      else {
        endLiteral()
        pieces.push(parseVariable(inside, where))
      }
      at = end
    } else if (wildcards && (sign === '*' || sign === '?')) {
      endLiteral()
      pieces.push({ type: sign })
    } else literal += sign
  }
  endLiteral()
  return { source, pieces }
}

function parseVariable(inside: string, where: string): Piece {
  const [, key, fallback] = VARIABLE.exec(inside) ?? []
  if (key === undefined || !isConditionKey(key))
    throw malformedPolicy(`The policy has an unknown variable \${${inside}}`, where)
  return { type: 'variable', key: contextKey(key), ...(fallback !== undefined && { fallback }) }
}

/** The keys of the pattern's variables. */
export const variablesOf = ({ pieces }: Pattern): string[] =>
  pieces.flatMap((piece) => (piece.type === 'variable' ? [piece.key] : []))

/** Case matters. What a variable stands for is text, whatever characters it has. */
export function matchPattern({ pieces }: Pattern, text: string, resolve: Resolve): boolean {
  // By far the most patterns are one of these three.
  const [first, second] = pieces
  if (first === undefined) return text === ''
  if (pieces.length === 1 && first.type === 'literal') return text === first.text
  if (pieces.length === 1 && first.type === '*') return true
  if (pieces.length === 2 && first.type === 'literal' && second!.type === '*')
    return text.startsWith(first.text)
  if (first.type === 'literal' && !text.startsWith(first.text)) return false
  const segments = segmentsOf(pieces, resolve)
  return segments !== undefined && matchSegments(segments, pushCodePoints(text, []))
}

/** The text of a pattern without wildcards. */
export function textOf({ pieces }: Pattern, resolve: Resolve): string | undefined {
  let whole = ''
  for (const piece of pieces) {
    const text = literalOf(piece, resolve)
    if (text === undefined) return undefined
    whole += text
  }
  return whole
}

function segmentsOf(pieces: readonly Piece[], resolve: Resolve): Segment[] | undefined {
  let segment: number[] = []
  const segments = [segment]
  for (const piece of pieces) {
    if (piece.type === '*') {
      segment = []
      segments.push(segment)
    } else if (piece.type === '?') {
      segment.push(ONE)
    } else {
      const text = literalOf(piece, resolve)
      if (text === undefined) return undefined
      pushCodePoints(text, segment)
    }
  }
  return segments
}

function literalOf(piece: Piece, resolve: Resolve): string | undefined {
  if (piece.type === 'literal') return piece.text
  return piece.type === 'variable' ? (resolve(piece.key) ?? piece.fallback) : undefined
}

/** By hand: an iterator over the text costs several times as much. */
function pushCodePoints(text: string, to: number[]): number[] {
  for (let at = 0; at < text.length; at++) {
    const character = text.codePointAt(at)!
    to.push(character)
    if (character > 0xffff) at++
  }
  return to
}
