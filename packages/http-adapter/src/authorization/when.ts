import { unquoted } from '../wire/etags.js'
import { isOfReplica, tellsLegalHold, tellsRetention, tellsTags } from '../wire/replica.js'

type HeaderView = ReadonlyMap<string, string>

const lockMode = 'x-amz-object-lock-mode'
const lockUntil = 'x-amz-object-lock-retain-until-date'
const lockHold = 'x-amz-object-lock-legal-hold'

/** What a request may ask for beside what its operation is about, and that needs a right of its own. */
const conditions = {
  'with tags': (headers: HeaderView) => Boolean(headers.get('x-amz-tagging')) && !isOfReplica(headers),
  /** With COPY, the default, tags that the request may carry say nothing. */
  'with other tags': (headers: HeaderView) =>
    headers.get('x-amz-tagging-directive') === 'REPLACE' &&
    Boolean(headers.get('x-amz-tagging')) &&
    !isOfReplica(headers),
  'with a retention': (headers: HeaderView) =>
    Boolean(headers.get(lockMode) || headers.get(lockUntil)) || tellsRetention(headers),
  /** Or with the word of another store that there is none any more, which may be said of a version as it is removed. */
  'with a legal hold': (headers: HeaderView) => Boolean(headers.get(lockHold)) || tellsLegalHold(headers),
  'as a replica': isOfReplica,
  'as a replica with tags': (headers: HeaderView) => isOfReplica(headers) && tellsTags(headers),
  /**
   * Whether an ETag matches tells what is stored, so that asking it needs the right to read; whether anything is there
   * is told by every write.
   */
  'if an ETag matches': (headers: HeaderView) => {
    const ifMatch = headers.get('if-match')
    return ifMatch !== undefined && unquoted(ifMatch) !== '*'
  },
  'with object lock': (headers: HeaderView) =>
    headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true',
} as const

export type When = keyof typeof conditions

export const asksFor = (when: When, headers: HeaderView): boolean => conditions[when](headers)
