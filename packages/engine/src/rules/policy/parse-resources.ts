import { malformedPolicy } from '../../errors.js'
import { actionLevels } from './actions.js'
import { type Pattern, parsePattern } from './pattern.js'
import type { Choice } from './statement.js'

const ARN = 'arn:aws:s3:::'

/** @throws {@link EngineError} `MalformedPolicy` for what is neither `*` nor of S3. */
export function parseResource(text: string, where: string, variables: boolean): Pattern {
  if (text !== '*' && (!text.startsWith(ARN) || text.length === ARN.length))
    throw invalidResource(text, where)
  return parsePattern(text, { wildcards: true, variables }, where)
}

/**
 * A bucket's policy speaks of that bucket, and of each action's kind of resource there is one: what could never apply
 * is a mistake. Source: S3 User Guide, "Bucket policies"; AIStor does the same.
 *
 * @param actions In lower case, those that each pattern of the statement stands for.
 */
export function checkBucketResources(
  resources: Choice<Pattern>,
  actions: readonly (readonly string[])[],
  bucket: string,
  where: string,
): void {
  const reaches = resources.patterns.map((pattern) => reachOf(pattern, bucket))
  const lost = reaches.findIndex(({ bucket, objects }) => !bucket && !objects)
  if (lost !== -1) throw invalidResource(resources.patterns[lost]!.source, where)
  if (resources.not) return
  const reached = (action: string): boolean => {
    const level = actionLevels.get(action)
    return reaches.some(({ bucket, objects }) =>
      level === 'object' ? objects : level === 'bucket' && bucket,
    )
  }
  if (!actions.every((meant) => meant.some(reached)))
    throw malformedPolicy('Action does not apply to any resource(s) in statement', where)
}

const invalidResource = (text: string, where: string) =>
  malformedPolicy(`Policy has invalid resource ${JSON.stringify(text)}`, where)

/** Whether a pattern can be the bucket, and whether it can be an object in it. */
function reachOf(pattern: Pattern, bucket: string): { bucket: boolean; objects: boolean } {
  return {
    bucket: placesAfter(`${ARN}${bucket}`, pattern).ended,
    objects: placesAfter(`${ARN}${bucket}/`, pattern).goesOn,
  }
}

const ANY = ''
const ONE = undefined

/** Whether a text can be all of what a pattern matches, and whether it can be the beginning of more. */
function placesAfter(text: string, { pieces }: Pattern): { ended: boolean; goesOn: boolean } {
  // What a variable stands for is not known yet: anything.
  const signs = pieces.flatMap((piece) =>
    piece.type === 'literal' ? [...piece.text] : [piece.type === '?' ? ONE : ANY],
  )
  let places = withSkipped([0], signs)
  for (const character of text) {
    const next = [...places].flatMap((place) => {
      if (place === signs.length) return []
      const sign = signs[place]
      if (sign === ANY) return [place]
      return sign === ONE || sign === character ? [place + 1] : []
    })
    places = withSkipped(next, signs)
  }
  return { ended: places.has(signs.length), goesOn: [...places].some((place) => place < signs.length) }
}

/** Where one can be without reading on: `*` may be nothing. */
function withSkipped(places: readonly number[], signs: readonly (string | undefined)[]): Set<number> {
  const all = new Set(places)
  for (const place of all) if (place < signs.length && signs[place] === ANY) all.add(place + 1)
  return all
}
