import { isEngineError, type OpenEngine, type PolicyContext, type Tags } from '@aquifer/engine'
import type { Authenticated } from '../auth/authenticate.js'
import type { Row } from '../route.js'
import type { Query } from '../wire/query.js'
import type { Resource } from './access.js'
import { sourceName, tagsOfHeader } from './context-values.js'
import type { KeptDocument } from './kept-document.js'
import { daysUntil } from './remaining-days.js'

/** What a request is, as far as conditions ask for it. */
export interface RequestFacts {
  readonly engine: OpenEngine
  readonly row: Row
  readonly query: Query
  readonly authenticated: Pick<Authenticated, 'headers' | 'form' | 'secure' | 'signature' | 'principal'>
  /** Its body, of an operation whose body conditions may ask for. */
  readonly document?: KeptDocument
  readonly clientAddress: () => string | undefined
  readonly now: () => number
  readonly signal: AbortSignal
}

/** What only an operation finds out of what it asks rights for. */
export interface Seen {
  /** In place of the request's own: those of one object of many. */
  readonly headers?: Authenticated['headers']
  /** By condition key. */
  readonly known?: ReadonlyMap<string, string>
}

/**
 * The condition keys of policies, filled in in this one place, each when it is asked for. What speaks of who asks is the
 * engine's to say. Sources: IAM User Guide, "Global condition keys"; Service Authorization Reference, S3.
 */
export class RequestContext {
  readonly #facts: RequestFacts
  readonly #known: ReadonlyMap<string, string>

  /** @param known What else is known, by condition key. */
  constructor(facts: RequestFacts, known: ReadonlyMap<string, string> = new Map()) {
    this.#facts = facts
    this.#known = known
  }

  /** The same request, as it is for one object of many, say. */
  as({ headers = this.#facts.authenticated.headers, known = this.#known }: Seen): RequestContext {
    const { authenticated } = this.#facts
    return new RequestContext({ ...this.#facts, authenticated: { ...authenticated, headers } }, known)
  }

  /** As it is for a right to one resource. */
  of(resource: Resource): PolicyContext {
    const facts = this.#facts
    const known = this.#known
    let existingTags: Tags = {}
    let fromDocument: ReadonlyMap<string, readonly string[]> | undefined
    return {
      get(key) {
        const value = known.get(key) ?? requestValue(key, facts, resource)
        if (value !== undefined) return [value]
        if (key === 's3:requestobjecttagkeys')
          return fromDocument?.get(key) ?? Object.keys(tagsOfHeader(facts.authenticated.headers))
        if (key.startsWith(existing)) return own(existingTags, key.slice(existing.length))
        if (key.startsWith(requested))
          return (
            fromDocument?.get(key) ??
            own(tagsOfHeader(facts.authenticated.headers), key.slice(requested.length))
          )
        return fromDocument?.get(key)
      },
      prepare(keys) {
        const { document } = facts
        const asksTags = resource.key !== '' && [...keys].some((key) => key.startsWith(existing))
        const asksDocument = document?.isAskedBy(keys) === true
        if (!asksTags && !asksDocument) return undefined
        return (async () => {
          if (asksTags) existingTags = await findTags(facts, resource)
          if (asksDocument) fromDocument = await document!.context()
        })()
      },
    }
  }
}

const existing = 's3:existingobjecttag/'
const requested = 's3:requestobjecttag/'

function own(tags: Tags, name: string): readonly string[] | undefined {
  return Object.hasOwn(tags, name) ? [tags[name]!] : undefined
}

/** What is not there has no tags. */
async function findTags(
  { engine, signal }: RequestFacts,
  { bucket, key, versionId }: Resource,
): Promise<Tags> {
  try {
    return await engine
      .bucket(bucket)
      .getTags(key, { ...(versionId === undefined ? {} : { versionId }), signal })
  } catch (error) {
    if (isEngineError(error) && !isEngineError(error, 'StorageUnavailable')) return {}
    throw error
  }
}

function requestValue(key: string, facts: RequestFacts, resource: Resource): string | undefined {
  const value = values.get(key)
  if (value !== undefined) return value(facts, resource)
  // A header of the same name, as s3:x-amz-storage-class is.
  return key.startsWith('s3:x-amz-') ? headerOf(facts, key.slice('s3:'.length)) : undefined
}

type ValueOf = (facts: RequestFacts, resource: Resource) => string | undefined

const headerOf = ({ authenticated }: RequestFacts, name: string): string | undefined =>
  authenticated.headers.get(name)
const header =
  (name: string): ValueOf =>
  (facts) =>
    headerOf(facts, name)

const authTypes = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', post: 'POST', anonymous: undefined }

const values: ReadonlyMap<string, ValueOf> = new Map<string, ValueOf>([
  ['aws:referer', header('referer')],
  ['aws:useragent', header('user-agent')],
  ['aws:sourceip', ({ clientAddress }) => clientAddress()],
  ['aws:securetransport', ({ authenticated }) => String(authenticated.secure)],
  ['aws:currenttime', ({ now }) => new Date(now()).toISOString()],
  ['aws:epochtime', ({ now }) => String(Math.floor(now() / 1_000))],
  [
    's3:authtype',
    ({ authenticated }) => (authenticated.principal.anonymous ? undefined : authTypes[authenticated.form]),
  ],
  ['s3:signatureversion', ({ authenticated }) => authenticated.signature?.version],
  [
    's3:signatureage',
    ({ authenticated: { signature }, now }) =>
      signature?.signedAt === undefined ? undefined : String(Math.max(0, now() - signature.signedAt)),
  ],
  ['s3:x-amz-copy-source', (facts) => sourceName(headerOf(facts, 'x-amz-copy-source'))],
  ['s3:if-match', header('if-match')],
  ['s3:if-none-match', header('if-none-match')],
  // No prefix is the empty one to whoever lists.
  ['s3:prefix', ({ query, row }) => query.get('prefix') ?? (isListing(row) ? '' : undefined)],
  ['s3:delimiter', ({ query }) => query.get('delimiter')],
  ['s3:max-keys', ({ query }) => query.get('max-keys')],
  ['s3:versionid', (_facts, { versionId }) => versionId],
  ['s3:object-lock-mode', header('x-amz-object-lock-mode')],
  ['s3:object-lock-retain-until-date', header('x-amz-object-lock-retain-until-date')],
  [
    's3:object-lock-remaining-retention-days',
    (facts) => daysUntil(headerOf(facts, 'x-amz-object-lock-retain-until-date'), facts.now()),
  ],
  ['s3:object-lock-legal-hold', header('x-amz-object-lock-legal-hold')],
  [
    's3express:sessionmode',
    (facts) =>
      facts.row.subResource === 'session'
        ? (headerOf(facts, 'x-amz-create-session-mode') ?? 'ReadWrite')
        : undefined,
  ],
  ['s3:objectcreationoperation', ({ row }) => createsObject(row)],
])

const isListing = ({ method, level, subResource }: Row): boolean =>
  method === 'GET' && level === 'bucket' && ['', 'list-type', 'versions', 'uploads'].includes(subResource)

/** Parts become an object by the completion alone. */
function createsObject({ method, subResource }: Row): string | undefined {
  if (method !== 'PUT' && method !== 'POST') return undefined
  return String(subResource !== 'uploads' && !(subResource === 'uploadId' && method === 'PUT'))
}
