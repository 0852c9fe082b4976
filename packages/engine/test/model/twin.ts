import assert from 'node:assert/strict'
import type {
  Attributes,
  Bucket,
  Deleted,
  Engine,
  Integrity,
  ObjectInfo,
  Retention,
  StoredObject,
} from '@aquifer/engine'
import { EngineError } from '@aquifer/engine'
import type { Clock } from '@aquifer/engine/stores'
import { ReferenceModel } from '@aquifer/engine/testing'
import { bytesOf, integrityOf, read, sourceOf } from './bytes.js'
import { checkChecksums, codeOf, outcome, same, sameListing, sameSummaries, toModelInfo } from './compare.js'
import { LIFECYCLE_DAY_SECONDS } from './lifecycle-steps.js'
import type { Conditions, LockAsked, ReadAs, RetentionAsked, Source, Step, Version, Where } from './step.js'
import { UploadTwin } from './upload-twin.js'
import { VersionNames } from './version-names.js'

type StepOf<V extends Step['verb']> = Extract<Step, { verb: V }>

/** The engine and the model, taking every step together. */
export class Twin {
  engine: Engine
  readonly #clock: Clock
  readonly #model: ReferenceModel
  readonly #uploads: UploadTwin[] = []
  readonly #names = new VersionNames()
  /** Versions of other stores, as many as came. */
  #brought = 0
  /** Objects opened and not read yet, with the bytes they had then. */
  readonly #open: { object: StoredObject; as: ReadAs; bytes: Uint8Array }[] = []

  constructor(engine: Engine, clock: Clock) {
    this.engine = engine
    this.#clock = clock
    this.#model = new ReferenceModel(clock)
  }

  async take(step: Exclude<Step, { verb: 'reopen' }>): Promise<void> {
    const model = this.#model
    switch (step.verb) {
      case 'createBucket':
        return same(
          () => this.engine.createBucket(step.bucket).then(() => undefined),
          () => model.createBucket(step.bucket),
        )
      case 'removeBucket':
        return same(
          () => this.#bucket(step).remove(),
          () => model.removeBucket(step.bucket),
        )
      case 'listBuckets':
        return sameListing(
          (options) => this.engine.listBuckets(options),
          (options) => model.listBuckets(options),
          step.options,
          ({ name }) => name,
        )
      case 'list':
        await sameSummaries(this.#bucket(step), step.options)
        return sameListing(
          (options) => this.#bucket(step).list(options),
          (options) => model.list(step.bucket, options),
          step.options,
          this.#info,
        )
      case 'setVersioning':
        return same(
          () => this.#bucket(step).setConfiguration('versioning', step.versioning),
          () => model.setVersioning(step.bucket, step.versioning),
        )
      case 'setObjectLock':
        return same(
          () => this.#bucket(step).setConfiguration('objectLock', step.objectLock),
          () => model.setObjectLock(step.bucket, step.objectLock),
        )
      case 'setRetention': {
        const { inEngine, inModel } = this.#which(step.at)
        const { bypassGovernance } = step
        const retention = step.retention && this.#retention(step.retention)
        const options = { ...inEngine, bypassGovernance }
        return same(
          () =>
            this.#bucket(step.at)
              .setRetention(step.at.key, retention, options)
              .then(() => undefined),
          () => model.setRetention(inModel, retention, bypassGovernance),
        )
      }
      case 'setLegalHold': {
        const { inEngine, inModel } = this.#which(step.at)
        return same(
          () =>
            this.#bucket(step.at)
              .setLegalHold(step.at.key, step.on, inEngine)
              .then(() => undefined),
          () => model.setLegalHold(inModel, step.on),
        )
      }
      case 'listVersions':
        return sameListing(
          (options) => this.#bucket(step).listVersions(options),
          (options) => model.listVersions(step.bucket, options),
          step.options,
          this.#info,
          (id) => this.#names.nameOf(id),
        )
      case 'listUploads':
        return sameListing(
          (options) => this.#bucket(step).listUploads(options),
          (options) => model.listUploads(step.bucket, options),
          step.options,
          ({ key, uploadId }) => ({ key, uploadId }),
        )
      case 'put':
        return this.#put(step)
      case 'fanOut':
        return this.#fanOut(step)
      case 'get':
        return this.#get(step)
      case 'head': {
        const options = { ...this.#conditions(step.at, step.conditions), ...optional('range', step.range) }
        const { inEngine, inModel } = this.#which(step.at)
        return same(
          async () => this.#info(await this.#bucket(step.at).head(step.at.key, { ...options, ...inEngine })),
          () => model.get(inModel, options).info,
        )
      }
      case 'open':
        return this.#openObject(step)
      case 'drain':
        return this.#drain()
      case 'delete': {
        const conditions = {
          ...this.#conditions(step.at, step.conditions),
          ...optional('bypassGovernance', step.bypassGovernance),
        }
        const { inEngine, inModel } = this.#which(step.at)
        return same(
          async () =>
            this.#deleted(await this.#bucket(step.at).delete(step.at.key, { ...conditions, ...inEngine })),
          () => model.delete(inModel, conditions),
        )
      }
      case 'deleteMany':
        return this.#deleteMany(step)
      case 'copy': {
        const conditions = this.#conditions(step.from, step.fromConditions)
        const { inEngine, inModel } = this.#which(step.from)
        const { bucket, key } = step.from
        const options = {
          ...this.#conditions(step.at, step.conditions),
          ...optional('replace', step.replace),
          ...optional('replaceTags', step.replaceTags),
          ...optional('storageClass', step.storageClass),
          ...this.#lock(step.lock),
        }
        const copy = async () => {
          const from = { bucket, key, ...conditions, ...inEngine }
          const { sourceVersionId: _, ...info } = await this.#bucket(step.at).copy(from, step.at.key, options)
          return this.#info(info)
        }
        return same(copy, () => model.copy({ ...inModel, ...conditions }, step.at, options))
      }
      case 'bring':
        return this.#bring(step)
      case 'removeReplica': {
        const { at, bypassGovernance } = step
        const { inEngine, inModel } = this.#which(at)
        // Whoever removed it elsewhere calls it by its place, which for a null version nothing here tells.
        if (inModel.versionId === 'null' || inModel.versionId === 'unknown') return
        const options = { ...inEngine, bypassGovernance, replica: {} }
        return same(
          async () => this.#deleted(await this.#bucket(at).delete(at.key, options)),
          () => model.removeReplica(inModel, bypassGovernance),
        )
      }
      case 'setTags': {
        const { inEngine, inModel } = this.#which(step.at)
        return same(
          () =>
            this.#bucket(step.at)
              .setTags(step.at.key, step.tags, inEngine)
              .then(() => undefined),
          () => model.setTags(inModel, step.tags),
        )
      }
      case 'getTags': {
        const { inEngine, inModel } = this.#which(step.at)
        return same(
          () => this.#bucket(step.at).getTags(step.at.key, inEngine),
          () => model.getTags(inModel),
        )
      }
      case 'append':
        return this.#append(step)
      case 'rename': {
        const { from, to } = step
        const source = { ...from, ...this.#conditions(from, step.fromConditions) }
        const at = { bucket: from.bucket, key: to }
        const options = this.#conditions(at, step.conditions)
        return same(
          async () => this.#info(await this.#bucket(from).rename(source, to, options)),
          () => model.rename(source, at, options),
        )
      }
      case 'createUpload':
        return this.#createUpload(step)
      case 'setLifecycle': {
        const { rules } = step
        return same(
          () => this.#bucket(step).setConfiguration('lifecycle', rules && { rules }),
          () => model.setLifecycle(step.bucket, rules),
        )
      }
      case 'sweep':
        return this.#sweep()
      case 'reclaim':
        return this.engine.reclaim()
      default:
        return this.#takeUploadStep(step)
    }
  }

  /** Both have done the same, whatever the order. */
  async #sweep(): Promise<void> {
    const found: string[] = []
    const now = new Date(this.#clock.now())
    for await (const { action, bucket, key } of this.engine.sweep({ now }))
      found.push(`${action} ${bucket}/${key}`)
    const { actions, marked } = this.#model.sweep(LIFECYCLE_DAY_SECONDS * 1_000)
    assert.deepEqual(found.sort(), actions.sort())
    // The markers that were made are called in the order in which the model made them.
    for (const { bucket, key, name } of marked)
      for await (const entry of this.#bucket({ bucket }).listVersions({ prefix: key }))
        if (entry.type === 'version' && entry.info.key === key) {
          assert.equal(this.#names.nameOf(entry.info.versionId), name)
          break
        }
  }

  async #put({ at, bytes: description, claim, attributes, conditions, lock }: StepOf<'put'>): Promise<void> {
    const bytes = bytesOf(description)
    const options: Attributes & Integrity & { ifMatch?: string; ifNoneMatch?: string } = {
      ...attributes,
      ...this.#lock(lock),
      ...this.#conditions(at, conditions),
    }
    const put = async () => {
      const integrity = integrityOf(claim, bytes)
      const info = await this.#bucket(at).put(at.key, sourceOf(description), { ...options, ...integrity })
      assert.deepEqual(Object.keys(info.checksums), ['crc64nvme'])
      await checkChecksums(info, bytes)
      return this.#info(info)
    }
    if (!claim.startsWith('wrong')) return same(put, () => this.#model.put(at, bytes, options))
    // What else may be wrong with it may be found first. Nothing is changed either way.
    const found = await outcome(put)
    assert.ok('code' in found, 'bytes that are not what was announced were stored')
    const codes = [
      'BadDigest',
      'InvalidTag',
      'IncompleteBody',
      'NoSuchBucket',
      'NoSuchKey',
      'PreconditionFailed',
    ]
    assert.ok(codes.includes(found.code), found.code)
  }

  async #bring({ at, bytes: description, isMarker, isNewest, lock }: StepOf<'bring'>): Promise<void> {
    const bytes = bytesOf(description)
    const number = ++this.#brought
    const lastModified = new Date(this.#clock.now() - (isNewest ? 0 : 86_400_000))
    // Behind all times that the steps come to, or before them.
    const order = isNewest ? 2 ** 47 + number * 2 ** 20 : 2 ** 30 - number
    const versionId =
      (2 ** 48 - 1 - order).toString(16).padStart(12, '0') + number.toString(16).padStart(20, 'e')
    const locks = isMarker ? {} : this.#lock(lock)
    const bring = async (): Promise<string | undefined> => {
      if (isMarker) {
        const replica = { deleteMarker: { lastModified } }
        const made = await this.#bucket(at).delete(at.key, { versionId, replica })
        return this.#deleted(made).deleteMarker?.versionId
      }
      const options = { ...locks, replica: { versionId, lastModified } }
      const info = await this.#bucket(at).put(at.key, sourceOf(description), options)
      await checkChecksums(info, bytes)
      return this.#info(info).versionId
    }
    const options = { isNewest, lastModified, ...locks }
    await same(bring, () => this.#model.bring(at, isMarker ? undefined : bytes, options).versionId)
  }

  async #fanOut({ bucket, bytes: description, claim, targets, atomic }: StepOf<'fanOut'>): Promise<void> {
    const bytes = bytesOf(description)
    const entries = targets.map(({ at, attributes, conditions, lock }) => ({
      ...at,
      ...attributes,
      ...this.#lock(lock),
      ...this.#conditions(at, conditions),
    }))
    const fanOut = async () => {
      const options = { ...integrityOf(claim, bytes), atomic }
      const results = await this.#bucket({ bucket }).fanOut(sourceOf(description), entries, options)
      return results.map((result) =>
        result.status === 'fulfilled' ? this.#info(result.value) : codeOf(result.reason),
      )
    }
    if (!claim.startsWith('wrong'))
      return same(fanOut, () =>
        this.#model
          .fanOut(entries, bytes, { atomic })
          .map((result) => (result instanceof EngineError ? result.code : result)),
      )
    const found = await outcome(fanOut)
    // Where each target is refused for itself, the bytes are not read at all.
    const isNoneWritten =
      'code' in found || (found.value as unknown[]).every((each) => typeof each === 'string')
    assert.ok(isNoneWritten, 'bytes that are not what was announced were stored')
  }

  async #append({ at, bytes: description, claim, offset, conditions }: StepOf<'append'>): Promise<void> {
    const bytes = bytesOf(description)
    const head = await this.#bucket(at)
      .head(at.key)
      .catch(() => undefined)
    const { sizeBytes = 0, checksumType, checksums } = head ?? {}
    const options = {
      ...this.#conditions(at, conditions),
      ...(offset === 'any' ? {} : { offset: offset === 'end' ? sizeBytes : sizeBytes + 1 }),
    }
    const append = async () => {
      const integrity = integrityOf(claim, bytes)
      const info = await this.#bucket(at).append(at.key, sourceOf(description), { ...options, ...integrity })
      if (checksums?.crc64nvme !== undefined && bytes.byteLength > 0)
        assert.equal(info.checksumType, 'full-object')
      return this.#info(info)
    }
    const isComposite = checksumType === 'composite'
    if (!claim.startsWith('wrong'))
      return same(append, () => this.#model.append(at, bytes, { ...options, isComposite }))
    const found = await outcome(append)
    assert.ok('code' in found, 'bytes that are not what was announced were appended')
  }

  async #get({ at, range, partNumber, conditions, as }: StepOf<'get'>): Promise<void> {
    const options = {
      ...this.#conditions(at, conditions),
      ...optional('range', range),
      ...optional('partNumber', partNumber),
    }
    const { inEngine, inModel } = this.#which(at)
    const get = async () => {
      await using object = await this.#bucket(at).get(at.key, { ...options, ...inEngine })
      const bytes = await read(object, as)
      if (object.range === undefined) await checkChecksums(object.info, bytes)
      return { info: this.#info(object.info), bytes }
    }
    await same(get, () => {
      const { info, bytes } = this.#model.get(inModel, options)
      return { info, bytes: Uint8Array.from(bytes) }
    })
  }

  async #openObject({ at, as }: StepOf<'open'>): Promise<void> {
    const { inEngine, inModel } = this.#which(at)
    const open = async () => {
      const object = await this.#bucket(at).get(at.key, inEngine)
      this.#open.push({ object, as, bytes: Uint8Array.from(this.#model.get(inModel, {}).bytes) })
    }
    await same(open, () => {
      this.#model.get(inModel, {})
    })
  }

  /** An object stays readable to its end as it was when it was opened, whatever became of it since. */
  async #drain(): Promise<void> {
    const next = this.#open.shift()
    if (next === undefined) return
    await using object = next.object
    assert.deepEqual(await read(object, next.as), next.bytes)
  }

  async drainAll(): Promise<void> {
    while (this.#open.length > 0) await this.#drain()
  }

  async #deleteMany({ bucket, targets }: StepOf<'deleteMany'>): Promise<void> {
    const asked = targets.map(({ key, version, conditions }) => ({
      ...this.#which({ bucket, key, ...optional('version', version) }),
      conditions: this.#conditions({ bucket, key }, conditions),
    }))
    const found = await this.#bucket({ bucket }).deleteMany(
      asked.map(({ inEngine, inModel: { key }, conditions }) => ({ key, ...conditions, ...inEngine })),
    )
    for (const [place, { inModel, conditions }] of asked.entries()) {
      const expected = await outcome(() => this.#model.delete(inModel, conditions))
      const result = found[place]!
      const outcomeInEngine =
        result.status === 'fulfilled'
          ? { value: this.#deleted(result.value) }
          : { code: codeOf(result.reason) }
      assert.deepEqual(outcomeInEngine, expected)
    }
  }

  async #createUpload({ at, attributes, checksum, conditions, lock }: StepOf<'createUpload'>): Promise<void> {
    const options = { ...attributes, ...checksum, ...this.#lock(lock), ...this.#conditions(at, conditions) }
    let uploadId = ''
    await same(
      async () => {
        uploadId = (await this.#bucket(at).createUpload(at.key, options)).uploadId
        this.#uploads.push(new UploadTwin(this.#model, { ...at, uploadId }, this.#names))
      },
      () => this.#model.createUpload({ ...at, uploadId }, options),
    )
  }

  async #takeUploadStep(step: Extract<Step, { upload: number }>): Promise<void> {
    const twin = this.#uploads.at(-1 - (step.upload % Math.max(1, this.#uploads.length)))
    if (twin === undefined) return
    const { target } = twin
    const upload = this.#bucket(target).upload(target.key, target.uploadId)
    switch (step.verb) {
      case 'putPart':
        return twin.putPart(upload, step)
      case 'copyPart':
        return twin.copyPart(upload, step.partNumber, this.#which(step.from), step.range)
      case 'parts':
        return twin.parts(upload, step.afterPartNumber)
      case 'abort':
        return same(
          () => upload.abort(),
          () => this.#model.abort(target),
        )
      case 'uploadOfAnotherKey': {
        const other = { ...target, key: `${target.key}x` }
        return same(
          () => this.#bucket(other).upload(other.key, other.uploadId).abort(),
          () => this.#model.abort(other),
        )
      }
      case 'complete':
        return twin.complete(upload, step, this.#conditions(target, step.conditions))
    }
  }

  /** Everything there is, read whole and by its parts. */
  async compareAll(): Promise<void> {
    for (const bucket of ['first', 'second', 'third']) {
      await this.take({ verb: 'list', bucket, options: {} })
      await this.take({ verb: 'listVersions', bucket, options: {} })
      await this.take({ verb: 'listUploads', bucket, options: {} })
      for (const key of this.#keysOf(bucket)) {
        const at = { bucket, key }
        await this.take({ verb: 'get', at, conditions: {}, as: 'body' })
        for (const partNumber of [1, 2, 3, 4, 7, 10_000])
          await this.take({ verb: 'get', at, partNumber, conditions: {}, as: 'bytes' })
      }
      for (const { key, place } of this.#versionsOf(bucket))
        await this.take({ verb: 'get', at: { bucket, key, version: place }, conditions: {}, as: 'bytes' })
    }
  }

  async removeAll(): Promise<void> {
    for (const bucket of ['first', 'second', 'third']) {
      for (const { key, place } of this.#versionsOf(bucket))
        await this.take({ verb: 'setLegalHold', at: { bucket, key, version: place }, on: false })
      for (const { key } of this.#versionsOf(bucket))
        await this.take({ verb: 'delete', at: { bucket, key, version: 0 }, conditions: {} })
      await this.take({ verb: 'removeBucket', bucket })
    }
  }

  #lock({ retention, legalHold }: LockAsked = {}) {
    return {
      ...optional('retention', retention && this.#retention(retention)),
      ...optional('legalHold', legalHold),
    }
  }

  #retention({ mode, afterMs }: RetentionAsked): Retention {
    return { mode, retainUntil: new Date(this.#clock.now() + afterMs) }
  }

  #bucket({ bucket }: { bucket: string }): Bucket {
    return this.engine.bucket(bucket)
  }

  readonly #info = (info: ObjectInfo) => this.#names.named(toModelInfo(info))

  #deleted({ deleteMarker, ...rest }: Deleted): Deleted {
    return {
      ...this.#names.named(rest),
      ...(deleteMarker && { deleteMarker: this.#names.named(deleteMarker) }),
    }
  }

  /** A version as each of the two calls it. */
  #which({ bucket, key, version }: Source) {
    if (version === undefined) return { inEngine: {}, inModel: { bucket, key } }
    const name = this.#nameOf({ bucket, key }, version)
    return { inEngine: { versionId: this.#names.idOf(name) }, inModel: { bucket, key, versionId: name } }
  }

  #nameOf({ bucket, key }: Where, version: Version): string {
    if (typeof version === 'string') return version
    const versions = this.#versionsOf(bucket).filter((each) => each.key === key)
    return versions[version % Math.max(1, versions.length)]?.name ?? 'unknown'
  }

  #versionsOf(bucket: string): { key: string; place: number; name: string }[] {
    const counts = new Map<string, number>()
    try {
      const { entries } = this.#model.listVersions(bucket, { limit: 10_000 })
      return entries.flatMap((entry) => {
        if (entry.type !== 'version') return []
        const { key, versionId } = entry.info
        const place = counts.get(key) ?? 0
        counts.set(key, place + 1)
        return [{ key, place, name: versionId! }]
      })
    } catch {
      return [] // There is no such bucket.
    }
  }

  #keysOf(bucket: string): string[] {
    try {
      const { entries } = this.#model.list(bucket, {})
      return entries.flatMap((entry) => (entry.type === 'object' ? [entry.info.key] : []))
    } catch {
      return [] // There is no such bucket.
    }
  }

  #conditions(at: Where, { ifMatch, ifNoneMatch }: Conditions): { ifMatch?: string; ifNoneMatch?: string } {
    let current = 'there is none'
    try {
      current = this.#model.get(at, {}).info.etag
    } catch {
      // Nothing is there: then no ETag is current.
    }
    const value = { current, other: 'f'.repeat(32), any: '*' }
    return {
      ...optional('ifMatch', ifMatch && value[ifMatch]),
      ...optional('ifNoneMatch', ifNoneMatch && value[ifNoneMatch]),
    }
  }
}

function optional<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]: V })
}
