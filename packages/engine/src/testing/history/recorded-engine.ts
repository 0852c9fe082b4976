import { createHash } from 'node:crypto'
import type { Bucket } from '../../contract/bucket.js'
import type { Versioning } from '../../contract/configuration.js'
import type { CompletedPart, Part, Upload } from '../../contract/multipart.js'
import type { Deleted, FanOutTarget, ObjectInfo, Source } from '../../contract/object.js'
import type { ByteRange } from '../../contract/source.js'
import type { Engine } from '../../engine.js'
import { appendedEtag, multipartEtag } from '../../rules/etag.js'
import type { Effect } from './events.js'
import type { History } from './history.js'
import {
  bucketName,
  MARKER,
  namelessUpload,
  objectName,
  objectsNamed,
  partName,
  uploadName,
  versionName,
} from './names.js'
import { readValue } from './read-value.js'

/** Histories outlive processes, and so the numbers of one are not those of the next. */
let uploadsTried = 0

const LIVE = 'live'
const OPEN = 'open'

/** An engine's verbs, each written into a history with what came of it. Errors are the engine's own. */
export class RecordedEngine {
  readonly engine: Engine
  readonly history: History

  constructor(engine: Engine, history: History) {
    this.engine = engine
    this.history = history
  }

  async createBucket(name: string): Promise<void> {
    await this.history.change([{ on: bucketName(name), put: LIVE }], () => this.engine.createBucket(name))
  }

  async removeBucket(name: string): Promise<void> {
    await this.history.change([{ on: bucketName(name), erase: true }], () =>
      this.engine.bucket(name).remove(),
    )
  }

  bucket(name: string): RecordedBucket {
    return new RecordedBucket(this.engine.bucket(name), this.history)
  }
}

export class RecordedBucket {
  readonly #bucket: Bucket
  readonly #history: History

  constructor(bucket: Bucket, history: History) {
    this.#bucket = bucket
    this.#history = history
  }

  #object(key: string): string {
    return objectName(this.#bucket.name, key)
  }

  /** Nothing else may be under way. The versions there are get their names. */
  async setVersioning(versioning: Versioning): Promise<void> {
    await this.#bucket.setConfiguration('versioning', versioning)
    for await (const entry of this.#bucket.listVersions())
      if (entry.type === 'version') await this.#name(entry.info.key, entry.info)
  }

  /** Nothing happens between the answer and this: from now on the version has a name. */
  async #name(
    key: string,
    { versionId, etag }: { versionId?: string; etag: string },
    bucket: string = this.#bucket.name,
  ): Promise<void> {
    if (versionId === undefined) return
    const on = versionName(bucket, key, versionId)
    await this.#history.change([{ on, put: etag === '' ? MARKER : etag }], async () => {})
  }

  async put(
    key: string,
    bytes: Uint8Array,
    source: AsyncIterable<Uint8Array> | Uint8Array = bytes,
  ): Promise<ObjectInfo> {
    const md5 = md5Of(bytes)
    const info = await this.#history.change([{ on: this.#object(key), put: md5, md5 }], () =>
      this.#bucket.put(key, source),
    )
    await this.#name(key, info)
    return info
  }

  async delete(key: string): Promise<void> {
    const { deleteMarker } = await this.#history.change([{ on: this.#object(key), erase: true }], () =>
      this.#bucket.delete(key),
    )
    if (deleteMarker !== undefined) await this.#name(key, { ...deleteMarker, etag: '' })
  }

  /** Removes a version that is not the current one. */
  deleteVersion(key: string, versionId: string): Promise<void> {
    return this.#deleteVersion(key, versionId, [])
  }

  /** Removes the current version, behind which there is one with this ETag, or nothing or a delete marker. */
  deleteCurrent(key: string, versionId: string, next: string | undefined): Promise<void> {
    const on = this.#object(key)
    return this.#deleteVersion(key, versionId, [next === undefined ? { on, erase: true } : { on, put: next }])
  }

  async #deleteVersion(key: string, versionId: string, effects: readonly Effect[]): Promise<void> {
    const on = versionName(this.#bucket.name, key, versionId)
    await this.#history.change([{ on, erase: true }, ...effects], () =>
      this.#bucket.delete(key, { versionId }),
    )
  }

  /** A version comes from another store: it is the key's current one then, or stands behind that. */
  async bring(
    key: string,
    bytes: Uint8Array,
    { versionId, isCurrent }: { versionId: string; isCurrent: boolean },
  ): Promise<void> {
    const md5 = md5Of(bytes)
    const version: Effect = { on: versionName(this.#bucket.name, key, versionId), put: md5, md5 }
    const current: Effect = { on: this.#object(key), put: md5, md5 }
    await this.#history.change(isCurrent ? [version, current] : [version], () =>
      this.#bucket.put(key, bytes, { replica: { versionId, lastModified: new Date(0) } }),
    )
  }

  /** A version was removed in another store: the current one, behind which nothing is, or another. */
  async remove(
    key: string,
    { versionId, isCurrent }: { versionId: string; isCurrent: boolean },
  ): Promise<void> {
    const version: Effect = { on: versionName(this.#bucket.name, key, versionId), erase: true }
    const current: Effect = { on: this.#object(key), erase: true }
    await this.#history.change(isCurrent ? [version, current] : [version], () =>
      this.#bucket.delete(key, { versionId, replica: {} }),
    )
  }

  /** Removes the versions of a key that are not current, as far as their names are known. */
  async deleteOldVersions(key: string): Promise<void> {
    const { name } = this.#bucket
    for await (const entry of this.#bucket.listVersions({ prefix: key })) {
      if (entry.type !== 'version' || entry.info.key !== key || entry.info.isLatest) continue
      const { versionId } = entry.info
      if (this.#history.knows(versionName(name, key, versionId))) await this.deleteVersion(key, versionId)
    }
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    let results: Promise<PromiseSettledResult<Deleted>[]> | undefined
    const resultOf = async (at: number) => {
      results ??= this.#bucket.deleteMany(keys.map((key) => ({ key })))
      const result = (await results)[at]!
      if (result.status === 'rejected') throw result.reason
      return result.value
    }
    await Promise.all(
      keys.map(async (key, at) => {
        const { deleteMarker } = await this.#history.change([{ on: this.#object(key), erase: true }], () =>
          resultOf(at),
        )
        if (deleteMarker !== undefined) await this.#name(key, { ...deleteMarker, etag: '' })
      }),
    )
  }

  /** One stream as many objects: each target is a change of its own, or with `atomic` all are one. None is named twice. */
  async fanOut(
    targets: readonly FanOutTarget[],
    bytes: Uint8Array,
    {
      atomic = false,
      source = bytes,
    }: { atomic?: boolean; source?: AsyncIterable<Uint8Array> | Uint8Array } = {},
  ): Promise<void> {
    const md5 = md5Of(bytes)
    const bucketOf = (target: FanOutTarget) => target.bucket ?? this.#bucket.name
    const effect = (target: FanOutTarget): Effect => ({
      on: objectName(bucketOf(target), target.key),
      put: md5,
      md5,
    })
    if (atomic) {
      const written = await this.#history.change(targets.map(effect), () =>
        this.#bucket.fanOut(source, targets, { atomic }),
      )
      for (const [at, { value }] of written.entries())
        await this.#name(targets[at]!.key, value, bucketOf(targets[at]!))
      return
    }
    let results: Promise<PromiseSettledResult<ObjectInfo>[]> | undefined
    const resultOf = async (at: number) => {
      results ??= this.#bucket.fanOut(source, targets)
      const result = (await results)[at]!
      if (result.status === 'rejected') throw result.reason
      return result.value
    }
    await Promise.all(
      targets.map(async (target, at) => {
        const info = await this.#history.change([effect(target)], () => resultOf(at))
        await this.#name(target.key, info, bucketOf(target))
      }),
    )
  }

  async copy(from: string, key: string): Promise<ObjectInfo> {
    const info = await this.#history.change(
      [{ on: this.#object(key), copy: this.#object(from) }],
      () => this.#bucket.copy({ key: from }, key),
      ({ etag }) => etag,
    )
    await this.#name(key, info)
    return info
  }

  /** Makes an older version current again, whose bytes are known to have this ETag. */
  async restore(key: string, versionId: string, etag: string): Promise<ObjectInfo> {
    const info = await this.#history.change([{ on: this.#object(key), put: etag }], () =>
      this.#bucket.copy({ key, versionId }, key),
    )
    await this.#name(key, info)
    return info
  }

  /**
   * Adds to what is there as it is now: should another change come first, this one is refused. So it is known
   * beforehand what the object will be.
   */
  async append(key: string, bytes: Uint8Array): Promise<ObjectInfo> {
    await using object = await this.#bucket.get(key)
    const before = await object.bytes()
    const { etag } = object.info
    const md5 = md5Of(Buffer.concat([before, bytes]))
    const put = before.byteLength === 0 ? md5 : appendedEtag(etag, Buffer.from(md5Of(bytes), 'hex'))
    return this.#history.change([{ on: this.#object(key), put, md5 }], () =>
      this.#bucket.append(key, bytes, { offset: before.byteLength, ifMatch: etag }),
    )
  }

  async rename(from: string, key: string): Promise<ObjectInfo> {
    return this.#history.change(
      [
        { on: this.#object(key), copy: this.#object(from) },
        { on: this.#object(from), erase: true },
      ],
      () => this.#bucket.rename({ key: from }, key),
      ({ etag }) => etag,
    )
  }

  /** Reads the whole object; nothing being there is an answer as well. */
  async get(key: string): Promise<void> {
    await this.#history.look(
      this.#object(key),
      () => readValue(this.#bucket, key, this.#history),
      (value) => value,
    )
  }

  async list(prefix = ''): Promise<void> {
    const { name } = this.#bucket
    await this.#history.look(
      objectsNamed(name, prefix),
      async () => {
        const found: { [name: string]: string } = {}
        for await (const entry of this.#bucket.list({ prefix }))
          if (entry.type === 'object') found[objectName(name, entry.info.key)] = entry.info.etag
        return found
      },
      (found) => found,
    )
  }

  async createUpload(key: string): Promise<RecordedUpload> {
    const { name } = this.#bucket
    const nameless = namelessUpload(name, key, `${process.pid}-${++uploadsTried}`)
    const upload = await this.#history.change([{ on: nameless, put: OPEN }], () =>
      this.#bucket.createUpload(key),
    )
    // Nothing happens between the answer and this: from now on the upload has a name.
    const named = { on: uploadName(name, key, upload.uploadId), put: OPEN }
    await this.#history.change([named, { on: nameless, erase: true }], async () => {})
    return new RecordedUpload(name, upload, this.#history)
  }
}

/** A part as it was recorded: its bytes are needed to know the whole's. */
export interface RecordedPart extends CompletedPart {
  readonly bytes: Uint8Array
}

export class RecordedUpload {
  readonly #bucket: string
  readonly #upload: Upload
  readonly #history: History

  constructor(bucket: string, upload: Upload, history: History) {
    this.#bucket = bucket
    this.#upload = upload
    this.#history = history
  }

  get uploadId(): string {
    return this.#upload.uploadId
  }

  async putPart(partNumber: number, bytes: Uint8Array): Promise<RecordedPart> {
    const md5 = md5Of(bytes)
    const { etag } = await this.#part(partNumber, md5, () => this.#upload.putPart(partNumber, bytes))
    return { partNumber, etag, bytes }
  }

  /** `expected`: the ETag that the copied part will have, and its bytes. */
  async copyPart(
    partNumber: number,
    from: Source & { range?: ByteRange },
    expected: { etag: string; bytes: Uint8Array },
  ): Promise<RecordedPart> {
    await this.#part(partNumber, expected.etag, () => this.#upload.copyPart(partNumber, from))
    return { partNumber, ...expected }
  }

  #part(partNumber: number, etag: string, act: () => Promise<Part>): Promise<Part> {
    const { key, uploadId } = this.#upload
    const on = partName(this.#bucket, key, uploadId, partNumber)
    return this.#history.change([{ on, put: etag }], act, (part) => part.etag)
  }

  async complete(parts: readonly RecordedPart[]): Promise<ObjectInfo> {
    const md5 = createHash('md5')
    for (const { bytes } of parts) md5.update(bytes)
    const put = multipartEtag(parts.map(({ etag }) => etag))
    const info = await this.#history.change(
      [
        { on: objectName(this.#bucket, this.#upload.key), put, md5: md5.digest('hex') },
        { on: this.#name, erase: true },
      ],
      () => this.#upload.complete(parts.map(({ partNumber, etag }) => ({ partNumber, etag }))),
    )
    const { versionId } = info
    if (versionId !== undefined) {
      const on = versionName(this.#bucket, this.#upload.key, versionId)
      await this.#history.change([{ on, put }], async () => {})
    }
    return info
  }

  async abort(): Promise<void> {
    await this.#history.change([{ on: this.#name, erase: true }], () => this.#upload.abort())
  }

  get #name(): string {
    return uploadName(this.#bucket, this.#upload.key, this.#upload.uploadId)
  }
}

const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
