/**
 * The blob port: large immutable bytes under numbers of ours. A blob is written once, then read and at last
 * removed; it has never heard of keys, buckets or objects. Numbers are never used twice.
 */

/** A positive safe integer, given out by the catalog's id runs. */
export type BlobId = number

export interface BlobWriter {
  /** Takes the bytes at the pace the disk allows. The chunk is borrowed until the promise resolves. */
  write(chunk: Uint8Array): Promise<void>
  /** Durable under its id, directory entry included, when it resolves. */
  finish(): Promise<{ readonly sizeBytes: number }>
  /** Forgets what was written. Fine after a failed `write` or `finish`; harmless after a good `finish`. */
  abort(): Promise<void>
}

export interface BlobStretch {
  readonly offset: number
  readonly length: number
}

export interface CreateOptions {
  /**
   * Is given all bytes that are written, in their order, in pieces as they go to the disk: who takes a digest then need not
   * copy them. A piece is borrowed until the promise resolves, if there is one; its rejection fails the write. When
   * `finish` resolves, so has the last of them.
   */
  tap?(bytes: Uint8Array): void | Promise<void>
}

export interface BlobStore {
  create(id: BlobId, options?: CreateOptions): Promise<BlobWriter>
  /**
   * The bytes of a stretch, each block verified before it is given out. A chunk belongs to the consumer, unless
   * he says that he only borrows it: then its memory may be used again once he asks for the next one, or leaves.
   * Leaving early closes the file.
   *
   * @throws {@link EngineError} `CorruptBlob` where the bytes fail their checksum, the blob is missing or
   * shorter than asked for.
   */
  read(
    id: BlobId,
    stretch: BlobStretch,
    options?: { signal?: AbortSignal; borrows?: boolean },
  ): AsyncGenerator<Uint8Array, void, undefined>
  /** Removes blobs durably: after a crash they do not come back. An id that is not there is fine. */
  remove(ids: readonly BlobId[]): Promise<void>
  /** Every id there is, for tests and audits; never used to decide what may be deleted. */
  list(): AsyncIterable<BlobId>
  /** Verifies a whole blob. @throws `CorruptBlob` */
  verify(id: BlobId, options?: { signal?: AbortSignal }): Promise<void>
  close(): Promise<void>
}
