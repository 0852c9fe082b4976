/**
 * Where each record lies: a family letter, then components of fixed width, the variable one last or closed by
 * a NUL, which no bucket name or object key holds. Byte order of keys is the order S3 lists in.
 */

export type RowKey = Uint8Array

const ID_BYTES = 16
const encoder = new TextEncoder()
// A key may begin with what would else be taken for a byte order mark.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function compose(letter: string, ...pieces: readonly Uint8Array[]): RowKey {
  let length = 1
  for (const piece of pieces) length += piece.byteLength
  const key = new Uint8Array(length)
  key[0] = letter.charCodeAt(0)
  let at = 1
  for (const piece of pieces) {
    key.set(piece, at)
    at += piece.byteLength
  }
  return key
}

/** Big-endian, so that numbers sort as bytes. Up to 2^48. */
function number48(value: number): Uint8Array {
  const bytes = new Uint8Array(6)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(value / 0x1_0000_0000))
  view.setUint32(2, value % 0x1_0000_0000)
  return bytes
}

function read48(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2)
}

function number16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}

const NUL = Uint8Array.of(0)

/** The first key after all that begin with these bytes. */
export function afterAllUnder(prefix: RowKey): RowKey {
  let end = prefix.byteLength
  while (end > 0 && prefix[end - 1] === 0xff) end--
  if (end === 0) throw new RangeError('Nothing sorts after a prefix of 0xff bytes.')
  const after = Uint8Array.from(prefix.subarray(0, end)) // `slice` of a Buffer would be the caller's own bytes.
  after[end - 1] = after[end - 1]! + 1
  return after
}

/** The first key after this one. */
export function justAfter(key: RowKey): RowKey {
  const after = new Uint8Array(key.byteLength + 1)
  after.set(key)
  return after
}

export const bucketKey = (name: string): RowKey => compose('b', encoder.encode(name))
export const bucketNameOf = (key: RowKey): string => decoder.decode(key.subarray(1))
export const allBuckets = (): RowKey => compose('b')

/** What is configured for a bucket as a whole, beside its own row: the document's name follows. */
export const documentKey = (bucketId: Uint8Array, name: string): RowKey =>
  compose('c', bucketId, encoder.encode(name))
export const documentNameOf = (key: RowKey): string => decoder.decode(key.subarray(1 + ID_BYTES))
export const documentsOf = (bucketId: Uint8Array): RowKey => compose('c', bucketId)

export const objectKey = (bucketId: Uint8Array, key: string): RowKey =>
  compose('o', bucketId, encoder.encode(key))
export const allObjects = (): RowKey => compose('o')
export const objectNameOf = (key: RowKey): string => decoder.decode(key.subarray(1 + ID_BYTES))
export const objectsOf = (bucketId: Uint8Array): RowKey => compose('o', bucketId)

/** A key whose current version is a delete marker: it stands here instead, so that listings need not pass it over. */
export const deletedKey = (bucketId: Uint8Array, key: string): RowKey =>
  compose('d', bucketId, encoder.encode(key))
export const allDeleted = (): RowKey => compose('d')
export const deletedOf = (bucketId: Uint8Array): RowKey => compose('d', bucketId)

/** A version, by its place among those of its key: 16 bytes, the newest first. */
export const versionKey = (bucketId: Uint8Array, key: string, place: Uint8Array): RowKey =>
  compose('v', bucketId, encoder.encode(key), NUL, place)
export const allVersions = (): RowKey => compose('v')
export const versionNameOf = (key: RowKey): { key: string; place: Uint8Array } => ({
  key: decoder.decode(key.subarray(1 + ID_BYTES, key.byteLength - ID_BYTES - 1)),
  place: key.slice(key.byteLength - ID_BYTES),
})
export const versionsOf = (bucketId: Uint8Array): RowKey => compose('v', bucketId)
export const versionsOfKey = (bucketId: Uint8Array, key: string): RowKey =>
  compose('v', bucketId, encoder.encode(key), NUL)

export const uploadKey = (bucketId: Uint8Array, key: string, uploadId: Uint8Array): RowKey =>
  compose('u', bucketId, encoder.encode(key), NUL, uploadId)
export const allUploads = (): RowKey => compose('u')
export const uploadNameOf = (key: RowKey): { key: string; uploadId: Uint8Array } => ({
  key: decoder.decode(key.subarray(1 + ID_BYTES, key.byteLength - ID_BYTES - 1)),
  uploadId: key.slice(key.byteLength - ID_BYTES),
})
export const uploadsOf = (bucketId: Uint8Array): RowKey => compose('u', bucketId)

export const partKey = (uploadId: Uint8Array, partNumber: number): RowKey =>
  compose('p', uploadId, number16(partNumber))
export const allParts = (): RowKey => compose('p')
export const partsOf = (uploadId: Uint8Array): RowKey => compose('p', uploadId)
export const partNumberOf = (key: RowKey): number => (key[1 + ID_BYTES]! << 8) | key[2 + ID_BYTES]!

/** Uploads that were completed, kept for a while so that completing again gives the same answer. */
export const completedUploadKey = (uploadId: Uint8Array): RowKey => compose('t', uploadId)

/** Requests that were carried out, kept for a while so that asking again gives the same answer. */
export const requestKey = (bucketId: Uint8Array, requestId: string): RowKey =>
  compose('m', bucketId, encoder.encode(requestId))

/** A row of extents, named by the offset of its first byte within the body. */
export const extentsKey = (bodyId: Uint8Array, offset: number): RowKey =>
  compose('e', bodyId, number48(offset))
export const allExtents = (): RowKey => compose('e')
export const extentsOf = (bodyId: Uint8Array): RowKey => compose('e', bodyId)
export const extentsOffsetOf = (key: RowKey): number => read48(key, 1 + ID_BYTES)

/** Says that `holderId` (a record, or a body that leans on this one) needs the body's blobs. */
export const referenceKey = (bodyId: Uint8Array, holderId: Uint8Array): RowKey =>
  compose('r', bodyId, holderId)
export const referencesOf = (bodyId: Uint8Array): RowKey => compose('r', bodyId)

/** What a shared body owns, kept from the day a record of it has gone, while others may still need it. */
export const keptBodyKey = (bodyId: Uint8Array): RowKey => compose('k', bodyId)

/** The last time seen, where object lock rests on it. */
export const lockTimeKey = (): RowKey => compose('s', encoder.encode('lock-time'))

/** A run of reserved blob ids; behind it a row for each id that is settled. Run 0 holds the next run's number. */
export const blobRunKey = (run: number): RowKey => compose('n', number48(run))
export const settledBlobKey = (run: number, index: number): RowKey =>
  compose('n', number48(run), Uint8Array.of(index))
export const allBlobRuns = (): RowKey => compose('n')
export const blobRunOf = (key: RowKey): { run: number; index?: number } => ({
  run: read48(key, 1),
  ...(key.byteLength === 8 ? { index: key[7]! } : {}),
})

/** Work to be done from a moment on, in the order it falls due. */
export const deferredKey = (dueMs: number, id: Uint8Array): RowKey => compose('g', number48(dueMs), id)
export const allDeferred = (): RowKey => compose('g')
export const deferredDueOf = (key: RowKey): number => read48(key, 1)

/**
 * A moment from which on a key, or an upload, may fall to its bucket's lifecycle rules. A hint, in the order of the
 * moments: what is true is found when it is looked at.
 */
export const dueKeyKey = (dueMs: number, bucket: string, key: string): RowKey =>
  compose('x', number48(dueMs), encoder.encode(bucket), NUL, KEY_IS_DUE, encoder.encode(key))
export const dueUploadKey = (dueMs: number, bucket: string, key: string, uploadId: Uint8Array): RowKey =>
  compose(
    'x',
    number48(dueMs),
    encoder.encode(bucket),
    NUL,
    UPLOAD_IS_DUE,
    encoder.encode(key),
    NUL,
    uploadId,
  )
export const allDue = (): RowKey => compose('x')
/** The end of what is due before a moment. */
export const dueBefore = (ms: number): RowKey => compose('x', number48(ms))
export const dueMsOf = (key: RowKey): number => read48(key, 1)
export function dueNameOf(key: RowKey): { bucket: string; key: string; uploadId?: Uint8Array } {
  const bucketEnd = key.indexOf(0, 7)
  const bucket = decoder.decode(key.subarray(7, bucketEnd))
  const name = key.subarray(bucketEnd + 2)
  if (key[bucketEnd + 1] === KEY_IS_DUE[0]) return { bucket, key: decoder.decode(name) }
  const keyEnd = name.byteLength - ID_BYTES - 1
  return { bucket, key: decoder.decode(name.subarray(0, keyEnd)), uploadId: name.slice(keyEnd + 1) }
}
const KEY_IS_DUE = encoder.encode('k')
const UPLOAD_IS_DUE = encoder.encode('u')

/** How far the look at a bucket's old objects has come, under rules that are new. */
export const indexingKey = (bucketId: Uint8Array): RowKey => compose('i', bucketId)
export const allIndexings = (): RowKey => compose('i')

/**
 * Events that wait for their target: a letter for what became of them, the target's name, and a number that grows, so that
 * those of one target lie in the order of their commits.
 */
export type EventFamily = 'waiting' | 'dead' | 'gap'
const eventLetter: Record<EventFamily, string> = { waiting: 'e', dead: 'd', gap: 'g' }
export const eventKey = (family: EventFamily, target: string, number: number): RowKey =>
  compose('q', encoder.encode(eventLetter[family] + target), NUL, number48(number))
export const eventsOf = (family: EventFamily, target: string): RowKey =>
  compose('q', encoder.encode(eventLetter[family] + target), NUL)
export const allEvents = (family: EventFamily): RowKey => compose('q', encoder.encode(eventLetter[family]))
export const eventNumberOf = (key: RowKey): number => read48(key, key.byteLength - 6)
export const eventTargetOf = (key: RowKey): string => decoder.decode(key.subarray(2, key.byteLength - 7))

/** Who listens by a name of their own. */
export const subscriptionKey = (subscriber: string): RowKey => compose('q', encoder.encode(`s${subscriber}`))
export const allSubscriptions = (): RowKey => subscriptionKey('')
export const subscriberOf = (key: RowKey): string => decoder.decode(key.subarray(2))

/** What replication knows of a version, by the place that the version has or would have among those of its key. */
export const replicationStateKey = (bucketId: Uint8Array, key: string, place: Uint8Array): RowKey =>
  compose('w', bucketId, encoder.encode(key), NUL, place)
export const replicationStatesOf = (bucketId: Uint8Array): RowKey => compose('w', bucketId)

/** A version that is gone for good, remembered for a while so that no other store brings it back. */
export const removedVersionKey = (bucketId: Uint8Array, key: string, place: Uint8Array): RowKey =>
  compose('z', bucketId, encoder.encode(key), NUL, place)
export const removedVersionsOf = (bucketId: Uint8Array): RowKey => compose('z', bucketId)

/** Where a bucket's versions may be carried over to. */
export const replicationTargetKey = (targetId: Uint8Array): RowKey => compose('y', targetId)
export const allReplicationTargets = (): RowKey => compose('y')
export const replicationTargetIdOf = (key: RowKey): Uint8Array => key.slice(1)

/** The last resync of a target, and the look at what was there before its rules. */
export const resyncKey = (targetId: Uint8Array): RowKey => compose('j', targetId)
export const existingKey = (targetId: Uint8Array): RowKey => compose('j', targetId, EXISTING)
export const allResyncs = (): RowKey => compose('j')
export const resyncOf = (key: RowKey): { targetId: Uint8Array; isExisting: boolean } => ({
  targetId: key.slice(1, 1 + ID_BYTES),
  isExisting: key.byteLength > 1 + ID_BYTES,
})
const EXISTING = encoder.encode('e')

/** Who may use the store. A letter says which kind of record; a name, or the 32 bytes of a canonical id, follows. */
export const userKey = (name: string): RowKey => compose('a', encoder.encode(`u${name}`))
export const allUsers = (): RowKey => userKey('')
export const accessKeyKey = (accessKeyId: string): RowKey => compose('a', encoder.encode(`k${accessKeyId}`))
export const allAccessKeys = (): RowKey => accessKeyKey('')
export const accessKeyIdOf = (key: RowKey): string => decoder.decode(key.subarray(2))
export const groupKey = (name: string): RowKey => compose('a', encoder.encode(`g${name}`))
export const allGroups = (): RowKey => groupKey('')
export const policyKey = (name: string): RowKey => compose('a', encoder.encode(`p${name}`))
export const allPolicies = (): RowKey => policyKey('')
export const policyDocumentKey = (name: string): RowKey => compose('a', encoder.encode(`d${name}`))

export const memberKey = (group: string, user: string): RowKey =>
  compose('a', encoder.encode(`m${group}`), NUL, encoder.encode(user))
export const membersOf = (group: string): RowKey => memberKey(group, '')

/** Whose name an id is. */
export const userIdKey = (userId: Uint8Array): RowKey => compose('a', encoder.encode('i'), userId)

/** Says that an access key belongs to whom the id is of. */
export const ownedKeyKey = (userId: Uint8Array, accessKeyId: string): RowKey =>
  compose('a', encoder.encode('o'), userId, encoder.encode(accessKeyId))
export const ownedKeysOf = (userId: Uint8Array): RowKey => ownedKeyKey(userId, '')
export const ownedKeyIdOf = (key: RowKey): string => decoder.decode(key.subarray(2 + 32))

/** The keys that secrets are sealed by, themselves sealed. */
export const sealingKey = (): RowKey => compose('a', encoder.encode('s'))
