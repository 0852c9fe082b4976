import assert from 'node:assert/strict'
import type { ByteRange, Checksums, CompletedPart, Upload, Which } from '@aquifer/engine'
import type { ReferenceModel, UploadTarget } from '@aquifer/engine/testing'
import { bytesOf, sourceOf } from './bytes.js'
import { essence, outcome, same, toModelInfo } from './compare.js'
import type { Step } from './step.js'
import type { VersionNames } from './version-names.js'

type Complete = Extract<Step, { verb: 'complete' }>

/** One upload in the engine and in the model, under way or long ended. */
export class UploadTwin {
  readonly target: UploadTarget
  readonly #model: ReferenceModel
  readonly #names: VersionNames
  /** The list of the last completion asked for. */
  #asked: CompletedPart[] = []

  constructor(model: ReferenceModel, target: UploadTarget, names: VersionNames) {
    this.#model = model
    this.#names = names
    this.target = target
  }

  async putPart(upload: Upload, { partNumber, bytes }: Extract<Step, { verb: 'putPart' }>): Promise<void> {
    const put = async () => {
      const { etag, sizeBytes } = await upload.putPart(partNumber, sourceOf(bytes))
      return { etag, sizeBytes }
    }
    await same(put, () => {
      const { etag, bytes: stored } = this.#model.putPart(this.target, partNumber, bytesOf(bytes))
      return { etag, sizeBytes: stored.byteLength }
    })
  }

  async copyPart(
    upload: Upload,
    partNumber: number,
    { inEngine, inModel }: { inEngine: Which; inModel: { bucket: string; key: string } & Which },
    range?: ByteRange,
  ): Promise<void> {
    const from = { ...inModel, ...(range === undefined ? {} : { range }) }
    let etag: string | undefined
    await same(
      async () => {
        etag = (await upload.copyPart(partNumber, { ...from, ...inEngine })).etag
      },
      () => this.#model.copyPart(this.target, partNumber, from, etag),
    )
  }

  async parts(upload: Upload, afterPartNumber: number): Promise<void> {
    const list = async () => {
      const parts = []
      for await (const { partNumber, etag, sizeBytes } of upload.parts({ afterPartNumber }))
        parts.push({ partNumber, etag, sizeBytes })
      return parts
    }
    await same(list, () =>
      this.#model.parts(this.target).filter(({ partNumber }) => partNumber > afterPartNumber),
    )
  }

  async complete(
    upload: Upload,
    step: Complete,
    conditions: { ifMatch?: string; ifNoneMatch?: string },
  ): Promise<void> {
    this.#asked = await this.#partList(upload, step)
    const plain = this.#asked.map(({ partNumber, etag }) => ({ partNumber, etag }))
    const found = await outcome(async () =>
      this.#names.named(toModelInfo(await upload.complete(this.#asked, conditions))),
    )
    const expected = await outcome(() => this.#model.complete(this.target, plain, conditions))
    assert.deepEqual(essence(found), essence(expected))
  }

  /** The parts there are, or of old where the upload has ended, spoilt as the step says. */
  async #partList(upload: Upload, { leaveOut, mistake }: Complete): Promise<CompletedPart[]> {
    let listed: CompletedPart[] = []
    try {
      const checksums = new Map<number, Checksums>()
      for await (const part of upload.parts()) checksums.set(part.partNumber, part.checksums)
      listed = this.#model
        .parts(this.target)
        .map(({ partNumber, etag }) => ({ partNumber, etag, checksums: checksums.get(partNumber)! }))
    } catch {
      listed = this.#asked // Both agree that there is no such upload: `complete` will ask them again.
    }
    if (listed.length > 1) listed = listed.filter((_, place) => place !== leaveOut)
    if (mistake === 'order') listed = [...listed].reverse()
    if (mistake === 'etag') listed = listed.map((part) => ({ ...part, etag: '0'.repeat(32) }))
    const never = { partNumber: 9_999, etag: '0'.repeat(32) }
    if (mistake === 'missing' || listed.length === 0)
      listed = [...listed.filter(({ partNumber }) => partNumber !== never.partNumber), never]
    return listed
  }
}
