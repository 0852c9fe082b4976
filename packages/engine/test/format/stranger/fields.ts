import assert from 'node:assert/strict'

/** Reads a value of the catalog from front to end. */
export class Bytes {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Buffer {
    assert.ok(this.#at + length <= this.#bytes.length)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  u8 = () => this.take(1)[0]!
  u16 = () => this.take(2).readUInt16BE()
  u48 = () => this.take(6).readUIntBE(0, 6)
  id = () => this.take(16).toString('latin1')

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  text = () => this.take(this.varint()).toString()
  rest = () => this.take(this.#bytes.length - this.#at)
}

/** Version and flags; what is behind them is left to be read. */
export function open(value: Buffer): { bytes: Bytes; flags: number } {
  const bytes = new Bytes(value)
  assert.equal(bytes.u8(), 1)
  return { bytes, flags: bytes.u8() }
}

export function fieldsOf(bytes: Bytes): Map<number, Buffer> {
  const fields = new Map<number, Buffer>()
  while (!bytes.done) fields.set(bytes.u8(), bytes.take(bytes.varint()))
  return fields
}

const algorithms = [
  ['crc32', 4],
  ['crc32c', 4],
  ['crc64nvme', 8],
  ['sha1', 20],
  ['sha256', 32],
  ['sha512', 64],
  ['md5', 16],
  ['xxhash64', 8],
  ['xxhash3', 8],
  ['xxhash128', 16],
] as const

export const algorithmName = (number: number): string => algorithms[number]![0]

export function checksumsOf(field: Buffer | undefined): Record<string, string> {
  const checksums: Record<string, string> = {}
  const bytes = new Bytes(field ?? Buffer.alloc(0))
  while (!bytes.done) {
    const [name, digestBytes] = algorithms[bytes.u8()]!
    const parts = bytes.varint()
    const digest = bytes.take(digestBytes).toString('base64')
    checksums[name] = parts === 0 ? digest : `${digest}-${parts}`
  }
  return checksums
}

export function etagOf(bytes: Bytes): string {
  const kind = bytes.u8()
  if (kind === 0) return bytes.text()
  const md5 = bytes.take(16).toString('hex')
  return kind === 1 ? md5 : `${md5}-${bytes.u16()}`
}

export const checksumTypeOf = (bits: number): string | undefined =>
  [undefined, 'composite', 'full-object'][bits]

const texts: [tag: number, name: string][] = [
  [1, 'storageClass'],
  [2, 'ownerId'],
  [8, 'contentType'],
  [9, 'contentEncoding'],
  [10, 'contentDisposition'],
  [11, 'contentLanguage'],
  [12, 'cacheControl'],
  [13, 'expires'],
  [14, 'websiteRedirect'],
]

/** The attributes that are there, and the user metadata. */
export function attributesOf(fields: Map<number, Buffer>): Record<string, unknown> {
  const attributes: Record<string, unknown> = {}
  for (const [tag, name] of texts) if (fields.has(tag)) attributes[name] = fields.get(tag)!.toString()
  const metadata: [string, string][] = []
  const bytes = new Bytes(fields.get(15) ?? Buffer.alloc(0))
  while (!bytes.done) metadata.push([bytes.text(), bytes.text()])
  return { ...attributes, metadata: Object.fromEntries(metadata) }
}
