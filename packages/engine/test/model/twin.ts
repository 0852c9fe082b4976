import assert from 'node:assert/strict'
import type { Attributes, Bucket, Engine, Integrity, StoredObject } from '@aquifer/engine'
import type { Clock } from '@aquifer/engine/stores'
import { ReferenceModel } from '@aquifer/engine/testing'
import { bytesOf, integrityOf, read, sourceOf } from './bytes.js'
import { checkChecksums, codeOf, outcome, same, sameListing, toModelInfo } from './compare.js'
import type { Conditions, ReadAs, Step, Where } from './steps.js'
import { UploadTwin } from './upload-twin.js'

type StepOf<V extends Step['verb']> = Extract<Step, { verb: V }>

/** The engine and the model, taking every step together. */
export class Twin {
  engine: Engine
  readonly #model: ReferenceModel
  readonly #uploads: UploadTwin[] = []
  /** Objects opened and not read yet, with the bytes they had then. */
  readonly #open: { object: StoredObject; as: ReadAs; bytes: Uint8Array }[] = []

  constructor(engine: Engine, clock: Clock) {
    this.engine = engine
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
        return sameListing(
          (options) => this.#bucket(step).list(options),
          (options) => model.list(step.bucket, options),
          step.options,
          toModelInfo,
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
      case 'get':
        return this.#get(step)
      case 'head': {
        const options = { ...this.#conditions(step.at, step.conditions), ...optional('range', step.range) }
        return same(
          async () => toModelInfo(await this.#bucket(step.at).head(step.at.key, options)),
          () => model.get(step.at, options).info,
        )
      }
      case 'open':
        return this.#openObject(step)
      case 'drain':
        return this.#drain()
      case 'delete': {
        const conditions = this.#conditions(step.at, step.conditions)
        return same(
          () =>
            this.#bucket(step.at)
              .delete(step.at.key, conditions)
              .then(() => undefined),
          () => model.delete(step.at, conditions),
        )
      }
      case 'deleteMany':
        return this.#deleteMany(step)
      case 'copy': {
        const from = { ...step.from, ...this.#conditions(step.from, step.fromConditions) }
        const options = {
          ...this.#conditions(step.at, step.conditions),
          ...optional('replace', step.replace),
          ...optional('replaceTags', step.replaceTags),
          ...optional('storageClass', step.storageClass),
        }
        return same(
          async () => toModelInfo(await this.#bucket(step.at).copy(from, step.at.key, options)),
          () => model.copy(from, step.at, options),
        )
      }
      case 'setTags':
        return same(
          () =>
            this.#bucket(step.at)
              .setTags(step.at.key, step.tags)
              .then(() => undefined),
          () => model.setTags(step.at, step.tags),
        )
      case 'getTags':
        return same(
          () => this.#bucket(step.at).getTags(step.at.key),
          () => model.getTags(step.at),
        )
      case 'append':
        return this.#append(step)
      case 'rename': {
        const { from, to } = step
        const source = { ...from, ...this.#conditions(from, step.fromConditions) }
        const at = { bucket: from.bucket, key: to }
        const options = this.#conditions(at, step.conditions)
        return same(
          async () => toModelInfo(await this.#bucket(from).rename(source, to, options)),
          () => model.rename(source, at, options),
        )
      }
      case 'createUpload':
        return this.#createUpload(step)
      case 'reclaim':
        return this.engine.reclaim()
      default:
        return this.#takeUploadStep(step)
    }
  }

  async #put({ at, bytes: description, claim, attributes, conditions }: StepOf<'put'>): Promise<void> {
    const bytes = bytesOf(description)
    const options: Attributes & Integrity & { ifMatch?: string; ifNoneMatch?: string } = {
      ...attributes,
      ...this.#conditions(at, conditions),
    }
    const put = async () => {
      const integrity = integrityOf(claim, bytes)
      const info = await this.#bucket(at).put(at.key, sourceOf(description), { ...options, ...integrity })
      assert.deepEqual(Object.keys(info.checksums), ['crc64nvme'])
      await checkChecksums(info, bytes)
      return toModelInfo(info)
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
      return toModelInfo(info)
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
    const get = async () => {
      await using object = await this.#bucket(at).get(at.key, options)
      const bytes = await read(object, as)
      if (object.range === undefined) await checkChecksums(object.info, bytes)
      return { info: toModelInfo(object.info), bytes }
    }
    await same(get, () => {
      const { info, bytes } = this.#model.get(at, options)
      return { info, bytes: Uint8Array.from(bytes) }
    })
  }

  async #openObject({ at, as }: StepOf<'open'>): Promise<void> {
    const open = async () => {
      const object = await this.#bucket(at).get(at.key)
      this.#open.push({ object, as, bytes: Uint8Array.from(this.#model.get(at, {}).bytes) })
    }
    await same(open, () => {
      this.#model.get(at, {})
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
    const asked = targets.map(({ key, conditions }) => ({
      key,
      ...this.#conditions({ bucket, key }, conditions),
    }))
    const found = await this.#bucket({ bucket }).deleteMany(asked)
    for (const [place, target] of asked.entries()) {
      const expected = await outcome(() => this.#model.delete({ bucket, key: target.key }, target))
      const result = found[place]!
      const code = result.status === 'fulfilled' ? undefined : codeOf(result.reason)
      assert.equal(code, 'code' in expected ? expected.code : undefined)
    }
  }

  async #createUpload({ at, attributes, checksum, conditions }: StepOf<'createUpload'>): Promise<void> {
    const options = { ...attributes, ...checksum, ...this.#conditions(at, conditions) }
    let uploadId = ''
    await same(
      async () => {
        uploadId = (await this.#bucket(at).createUpload(at.key, options)).uploadId
        this.#uploads.push(new UploadTwin(this.#model, { ...at, uploadId }))
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
        return twin.copyPart(upload, step.partNumber, step.from, step.range)
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
      await this.take({ verb: 'listUploads', bucket, options: {} })
      for (const key of this.#keysOf(bucket)) {
        const at = { bucket, key }
        await this.take({ verb: 'get', at, conditions: {}, as: 'body' })
        for (const partNumber of [1, 2, 3, 4, 7, 10_000])
          await this.take({ verb: 'get', at, partNumber, conditions: {}, as: 'bytes' })
      }
    }
  }

  async removeAll(): Promise<void> {
    for (const bucket of ['first', 'second', 'third']) {
      for (const key of this.#keysOf(bucket))
        await this.take({ verb: 'delete', at: { bucket, key }, conditions: {} })
      await this.take({ verb: 'removeBucket', bucket })
    }
  }

  #bucket({ bucket }: { bucket: string }): Bucket {
    return this.engine.bucket(bucket)
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
