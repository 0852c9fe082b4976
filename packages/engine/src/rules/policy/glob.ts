/** In a segment, any one character. */
export const ONE = -1

/** What stands between two `*`: characters as code points, or {@link ONE}. */
export type Segment = readonly number[]

/**
 * Whether a text is what stands before the first `*`, then anything, then the next segment, and so on. Taking the first
 * place where a segment fits is enough, so nothing is tried twice: time grows with the text, not with its square.
 */
export function matchSegments(segments: readonly Segment[], text: ArrayLike<number>): boolean {
  const first = segments[0]!
  const last = segments.at(-1)!
  if (segments.length === 1) return text.length === first.length && fits(first, text, 0)
  const end = text.length - last.length
  let from = first.length
  if (from > end || !fits(first, text, 0) || !fits(last, text, end)) return false
  for (const segment of segments.slice(1, -1)) {
    const at = segment.includes(ONE) ? findWithGaps(segment, text, from, end) : find(segment, text, from, end)
    if (at === -1) return false
    from = at + segment.length
  }
  return true
}

function fits(segment: Segment, text: ArrayLike<number>, at: number): boolean {
  return segment.every((character, index) => character === ONE || character === text[at + index])
}

/** Where the segment is first, by Knuth, Morris and Pratt: each character of the text is looked at once or twice. */
function find(segment: Segment, text: ArrayLike<number>, from: number, end: number): number {
  if (segment.length === 0) return from
  if (from + segment.length > end) return -1
  const fallbacks = fallbacksOf(segment)
  let matched = 0
  for (let at = from; at < end; at++) {
    const character = text[at]
    while (matched > 0 && segment[matched] !== character) matched = fallbacks[matched - 1]!
    if (segment[matched] === character) matched++
    if (matched === segment.length) return at + 1 - matched
  }
  return -1
}

/** For each length matched, the longest shorter beginning of the segment that the match also ends with. */
function fallbacksOf(segment: Segment): Uint32Array {
  const fallbacks = new Uint32Array(segment.length)
  for (let at = 1, matched = 0; at < segment.length; at++) {
    while (matched > 0 && segment[matched] !== segment[at]) matched = fallbacks[matched - 1]!
    if (segment[matched] === segment[at]) matched++
    fallbacks[at] = matched
  }
  return fallbacks
}

/**
 * The same with `?` in the segment, by Baeza-Yates and Gonnet: a bit for each beginning of the segment that the text
 * read so far ends with, 32 of them moved by one operation.
 */
function findWithGaps(segment: Segment, text: ArrayLike<number>, from: number, end: number): number {
  const { length } = segment
  if (from + length > end) return -1
  const words = Math.ceil(length / 32)
  const gaps = new Uint32Array(words)
  const places = new Map<number, Uint32Array>()
  segment.forEach((character, index) => {
    if (character === ONE) gaps[index >>> 5]! |= 1 << (index & 31)
    else placesOf(places, character, words)[index >>> 5]! |= 1 << (index & 31)
  })
  const none = new Uint32Array(words)
  const state = new Uint32Array(words)
  const lastWord = words - 1
  const lastBit = 1 << ((length - 1) & 31)
  for (let at = from; at < end; at++) {
    const place = places.get(text[at]!) ?? none
    let carry = 1
    for (let word = 0; word < words; word++) {
      const before = state[word]!
      state[word] = ((before << 1) | carry) & (place[word]! | gaps[word]!)
      carry = before >>> 31
    }
    if ((state[lastWord]! & lastBit) !== 0) return at + 1 - length
  }
  return -1
}

function placesOf(places: Map<number, Uint32Array>, character: number, words: number): Uint32Array {
  const known = places.get(character)
  if (known !== undefined) return known
  const made = new Uint32Array(words)
  places.set(character, made)
  return made
}
