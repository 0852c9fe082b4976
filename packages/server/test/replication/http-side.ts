import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Retention, Tags } from '@aquifer/engine'
import type { Answer, Asking, Mortal } from '../mortal-server.js'
import { textOfTags } from './ledger.js'
import type { Outcome, SeenVersion, Side, Written } from './side.js'

const PART_BYTES = 5 * 2 ** 20
/** Refusals that a client of this kind must be ready for; any other is a fault. */
const refusals = new Set([
  'AccessDenied',
  'NoSuchKey',
  'NoSuchVersion',
  'MethodNotAllowed',
  'InvalidArgument',
])
/** Of an answer's headers, those that are of this answer and not of the version. */
const passing = new Set([
  'date',
  'connection',
  'keep-alive',
  'server',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amz-replication-status',
])

/** A bucket of a server, as any client of S3 has it. */
export class HttpSide implements Side {
  readonly name: string
  readonly #server: Mortal
  readonly #bucket: string

  constructor(name: string, server: Mortal, bucket: string) {
    this.name = name
    this.#server = server
    this.#bucket = bucket
  }

  async createBucket(): Promise<void> {
    const headers = { 'x-amz-bucket-object-lock-enabled': 'true' }
    const answer = await this.#server.ask('PUT', `/${this.#bucket}`, { headers })
    assert.ok(answer !== 'lost' && answer.status === 200)
  }

  put(key: string, { bytes, ...written }: Written): Promise<Outcome> {
    return this.#ask('PUT', key, { body: bytes, headers: { ...headersOf(written), ...digestOf(bytes) } })
  }

  async putInParts(key: string, { bytes, ...written }: Written): Promise<Outcome> {
    const path = this.#pathOf(key)
    const begun = await this.#server.ask('POST', path, {
      query: [['uploads', '']],
      headers: headersOf(written),
    })
    if (begun === 'lost') return { is: 'lost' }
    const uploadId = /<UploadId>(.+)<\/UploadId>/.exec(begun.body.toString())![1]!
    const parts: string[] = []
    for (let at = 0; at < bytes.byteLength; at += PART_BYTES) {
      const body = bytes.subarray(at, at + PART_BYTES)
      const query = [['partNumber', String(parts.length + 1)] as const, ['uploadId', uploadId] as const]
      const part = await this.#server.ask('PUT', path, { query, body })
      if (part === 'lost') return { is: 'lost' }
      assert.equal(part.status, 200, part.body.toString())
      parts.push(`<Part><PartNumber>${parts.length + 1}</PartNumber><ETag>${part.headers.etag}</ETag></Part>`)
    }
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
    return this.#ask('POST', key, { query: [['uploadId', uploadId]], body })
  }

  putDeleteMarker(key: string): Promise<Outcome> {
    return this.#ask('DELETE', key)
  }

  removeVersion(key: string, versionId: string): Promise<Outcome> {
    const headers = { 'x-amz-bypass-governance-retention': 'true' }
    return this.#ask('DELETE', key, { query: [['versionId', versionId]], headers })
  }

  setTags(key: string, versionId: string, tags: Tags): Promise<Outcome> {
    const each = Object.entries(tags).map(
      ([name, value]) => `<Tag><Key>${name}</Key><Value>${value}</Value></Tag>`,
    )
    return this.#set('tagging', key, versionId, `<Tagging><TagSet>${each.join('')}</TagSet></Tagging>`)
  }

  setRetention(key: string, versionId: string, { mode, retainUntil }: Retention): Promise<Outcome> {
    const document = `<Retention><Mode>${mode.toUpperCase()}</Mode><RetainUntilDate>${retainUntil.toISOString()}</RetainUntilDate></Retention>`
    return this.#set('retention', key, versionId, document)
  }

  setLegalHold(key: string, versionId: string, on: boolean): Promise<Outcome> {
    const document = `<LegalHold><Status>${on ? 'ON' : 'OFF'}</Status></LegalHold>`
    return this.#set('legal-hold', key, versionId, document)
  }

  #set(what: string, key: string, versionId: string, document: string): Promise<Outcome> {
    const body = Buffer.from(document)
    const headers = { ...digestOf(body), 'x-amz-bypass-governance-retention': 'true' }
    return this.#ask('PUT', key, {
      query: [
        [what, ''],
        ['versionId', versionId],
      ],
      body,
      headers,
    })
  }

  async #ask(method: string, key: string, asking: Asking = {}): Promise<Outcome> {
    const answer = await this.#server.ask(method, this.#pathOf(key), asking)
    if (answer === 'lost') return { is: 'lost' }
    if (answer.status < 300) {
      const versionId = answer.headers['x-amz-version-id']
      return { is: 'done', ...(versionId !== undefined && { versionId: String(versionId) }) }
    }
    const text = answer.body.toString()
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? ''
    assert.ok(refusals.has(code), `${method} ${key} was answered ${answer.status} ${text}`)
    return { is: 'refused', code }
  }

  async *versions(): AsyncGenerator<SeenVersion, void, undefined> {
    let marker: [string, string][] = []
    do {
      const query = [['versions', ''] as const, ['max-keys', '500'] as const, ...marker]
      const page = (await this.#server.read('GET', `/${this.#bucket}`, { query })).body.toString()
      const listed = [...page.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)]
      for (let at = 0; at < listed.length; at += 8)
        yield* await Promise.all(listed.slice(at, at + 8).map(([, kind, text]) => this.#look(kind!, text!)))
      const next = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(page)?.[1]
      const nextKey = next('NextKeyMarker')
      marker =
        nextKey === undefined
          ? []
          : [
              ['key-marker', nextKey],
              ['version-id-marker', next('NextVersionIdMarker')!],
            ]
    } while (marker.length > 0)
  }

  /** What the list says of it, what its headers say, and its bytes. */
  async #look(kind: string, text: string): Promise<SeenVersion> {
    const entry = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1] ?? ''
    const [key, versionId] = [entry('Key'), entry('VersionId')]
    const facts: Record<string, string> = {
      kind: kind === 'Version' ? 'object' : 'delete marker',
      latest: entry('IsLatest'),
      modified: entry('LastModified'),
      listed: `${entry('ETag')} ${entry('Size')} ${entry('StorageClass')}`,
    }
    if (kind === 'DeleteMarker') return { key, versionId, facts, replication: 'nothing' }
    const path = this.#pathOf(key)
    const id = ['versionId', versionId] as const
    const got = await this.#server.read('GET', path, {
      query: [id],
      headers: { 'x-amz-checksum-mode': 'ENABLED' },
    })
    for (const [name, value] of Object.entries(got.headers))
      if (!passing.has(name)) facts[name] = String(value)
    facts['sha256'] = createHash('sha256').update(got.body).digest('hex')
    if (got.headers['etag']?.includes('-')) facts['parts'] = await this.#partsOf(path, id)
    const lock = (name: string) => got.headers[`x-amz-object-lock-${name}`]
    facts['legal hold'] = lock('legal-hold') === 'ON' ? 'on' : 'off'
    if (lock('mode') !== undefined)
      facts['retention'] = `${String(lock('mode')).toLowerCase()} until ${lock('retain-until-date')}`
    facts['tags'] = tagsOf(await this.#server.read('GET', path, { query: [['tagging', ''], id] }))
    const replication = String(got.headers['x-amz-replication-status'] ?? 'nothing').toLowerCase()
    return { key, versionId, facts, replication }
  }

  async #partsOf(path: string, id: readonly [string, string]): Promise<string> {
    const { headers } = await this.#server.read('HEAD', path, { query: [['partNumber', '1'], id] })
    return `${headers['x-amz-mp-parts-count']}, the first of ${headers['content-length']}`
  }

  #pathOf(key: string): string {
    return `/${this.#bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
  }
}

/** Whatever is about object lock has to have it. */
const digestOf = (body: Buffer): Record<string, string> => ({
  'content-md5': createHash('md5').update(body).digest('base64'),
})

function headersOf({ metadata, tags, retention, legalHold }: Omit<Written, 'bytes'>): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'text/plain', 'cache-control': 'no-cache' }
  for (const [name, value] of Object.entries(metadata)) headers[`x-amz-meta-${name}`] = value
  if (Object.keys(tags).length > 0) headers['x-amz-tagging'] = new URLSearchParams(tags).toString()
  if (retention !== undefined) {
    headers['x-amz-object-lock-mode'] = retention.mode.toUpperCase()
    headers['x-amz-object-lock-retain-until-date'] = retention.retainUntil.toISOString()
  }
  if (legalHold !== undefined) headers['x-amz-object-lock-legal-hold'] = legalHold ? 'ON' : 'OFF'
  return headers
}

function tagsOf({ body }: Answer): string {
  const found = body.toString().matchAll(/<Tag><Key>(.*?)<\/Key><Value>(.*?)<\/Value><\/Tag>/gs)
  return textOfTags(Object.fromEntries([...found].map(([, name, value]) => [name!, value!])))
}
