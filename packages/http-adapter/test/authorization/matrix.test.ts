import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { crc32 } from 'node:zlib'
import { type Need, type OperationName, operations, type Row } from '@aquifer/http-adapter'
import { EXAMPLE, type Message, withHeader } from '../auth/requests.js'
import { contentType, formBody, signForm } from '../forms.js'
import { listHeaders, listOf } from '../replica-list.js'
import { requestFor } from '../request-for-row.js'
import { type PayloadKind, signMessage } from '../signing-client.js'
import { arn, HOST, now, type Said, type Statement, StoreWithUsers } from './store-with-users.js'

const kinds: readonly PayloadKind[] = [
  'hashed',
  'unsigned',
  'unsigned-chunked-trailer',
  'signed-chunked',
  'signed-chunked-trailer',
]

/** What its resource is in the requests of this test, whose copies are made of the object itself. */
function resourceOf({ of, action }: Need): string | string[] {
  if (of === 'service') return '*'
  if (of === 'bucket' || action === 's3:ListBucket') return arn('bucket')
  // A post that is no form names no key.
  return ofForms.has(action) ? [arn('bucket/key'), arn('bucket')] : arn('bucket/key')
}

const ofForms = new Set(['s3:PutObject', 's3:PutObjectFanOut'])

const allowing = (needs: readonly Need[]): Statement[] =>
  needs.map((need) => ({ Effect: 'Allow', Action: need.action, Resource: resourceOf(need) }))
const denying = (need: Need): Statement => ({
  Effect: 'Deny',
  Action: need.action,
  Resource: resourceOf(need),
})
const everything: Statement = {
  Effect: 'Allow',
  Action: ['s3:*', 's3express:*', 's3-object-lambda:*', 'sts:*'],
  Resource: '*',
}

/** One of the ways in which the request of a row can come. */
interface Way {
  readonly name: string
  readonly isAnonymous: boolean
  readonly message: Message
  /** What it is refused with, whatever anybody may do. */
  readonly always?: string
}

const bodies: Partial<Record<OperationName, string | Buffer>> = {
  DeleteObjects: '<Delete><Object><Key>key</Key></Object></Delete>',
  SecurityTokenService: 'Action=AssumeRole&Version=2011-06-15',
  PutReplicas: listOf([
    { key: 'key', versionId: '0'.repeat(32), headers: listHeaders, bytes: Buffer.from('bytes') },
  ]),
}

/** What the requests of some operations say beside what they are recognised by. */
function headersFor(name: OperationName, body: Buffer): Record<string, string> {
  if (name === 'DeleteObjects') return { 'content-md5': createHash('md5').update(body).digest('base64') }
  return name === 'PutReplicas' ? { ...listHeaders } : {}
}

function checksumOf(body: Buffer): string {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(body))
  return checksum.toString('base64')
}

function* waysOf(name: OperationName, row: Row): Generator<Way> {
  const asked = requestFor(row)
  const body = Buffer.from(bodies[name] ?? '<Nothing/>')
  const ofS3 = row.headers.find((header) => header.name === 'host')?.value
  const host = ofS3 === undefined ? HOST : `${ofS3}us-east-1.amazonaws.com`
  const isForTokens = name === 'SecurityTokenService'
  const headers: Record<string, string> = { ...asked.headers, ...headersFor(name, body) }
  const signer = { ...EXAMPLE, service: isForTokens ? 'sts' : 's3' }
  const sign = (form: 'header' | 'query', payload: PayloadKind) =>
    signMessage(signer, {
      ...asked,
      headers,
      form,
      payload,
      host,
      date: new Date(now),
      body,
      ...(payload.endsWith('trailer')
        ? { trailer: ['x-amz-checksum-crc32', checksumOf(body)] as const }
        : {}),
    })
  for (const form of ['header', 'query'] as const)
    for (const payload of kinds) {
      // What a request for tokens asks for stands in its body, which its signature must be over.
      const isOpen =
        (isForTokens && (form === 'query' || payload !== 'hashed')) ||
        // What another store says of its versions.
        (name === 'PutReplicas' && payload.startsWith('unsigned'))
      yield {
        name: `${form}, ${payload}`,
        isAnonymous: false,
        message: sign(form, payload),
        ...(isOpen ? { always: 'AccessDenied' } : {}),
      }
    }
  yield {
    name: 'anonymous',
    isAnonymous: true,
    message: withHeader(sign('header', 'unsigned'), 'authorization', undefined),
    ...(isForTokens ? { always: 'AccessDenied' } : {}),
  }
  yield* formsOf(name, row, [['host', host], ...Object.entries(headers)])
}

/** A form with the request of each operation: whoever signed it allowed an upload, and nothing else to whoever has it. */
function* formsOf(name: OperationName, row: Row, headers: Message['headers']): Generator<Way> {
  const takesForm = name === 'PostObject' || name === 'PutObjectFanOut'
  const always = takesForm ? undefined : refusalOfForm(row)
  const fields = [
    ['key', 'key'] as const,
    ...(name === 'PutObjectFanOut' ? [['x-minio-fanout-list', '{"key":"key"}'] as const] : []),
  ]
  const conditions = [{ bucket: 'bucket' }, ['eq', '$key', 'key']]
  for (const [form, signing] of [
    ['form', signForm({ conditions, date: new Date(now) })],
    ['form without a signature', []],
  ] as const) {
    const bytes = formBody([...signing, ...fields], { bytes: 'file' })
    const { rawUrl } = signMessage(EXAMPLE, {
      ...requestFor(row),
      form: 'header',
      payload: 'unsigned',
      host: HOST,
      date: new Date(now),
    })
    yield {
      name: form,
      // Where a body is no form, its signature is nobody's.
      isAnonymous: !takesForm || signing.length === 0,
      message: {
        method: row.method,
        rawUrl,
        headers: [
          ...headers.filter(([header]) => !takesForm || header === 'host'),
          ['content-type', contentType],
          ['content-length', String(bytes.byteLength)],
        ],
        frames: [bytes],
      },
      ...(always === undefined ? {} : { always }),
    }
  }
}

/** What is posted to a bucket is a form, wherever it was to go; what is posted to none asks for tokens. */
function refusalOfForm({ method, level }: Row): string | undefined {
  if (method !== 'POST' || level === 'object') return undefined
  return level === 'bucket' ? 'InvalidRequest' : 'MissingParameter'
}

/** The rights without which nothing goes on, though the operation is who asks for them. */
const askedByOperation: Partial<Record<OperationName, string>> = {
  DeleteObjects: 's3:DeleteObject',
  PutReplicas: 's3:PutObject',
  SecurityTokenService: 'sts:AssumeRole',
}

/** Whether it was refused for want of a right, and for nothing else. */
function isDenied({ status, code, text }: Said, { method }: Message): boolean {
  if (method === 'HEAD') return status === 403
  // Of a list each is refused for itself.
  if (/<DeleteResult/.test(text)) return /<Error>.*<Code>AccessDenied</.test(text)
  if (text.startsWith('{')) return /"code":"AccessDenied"/.test(text)
  return status === 403 && code === 'AccessDenied'
}

/** A list of objects to fan out to is refused to whoever has not signed, whatever a policy says. */
const isUnsignedList = (name: OperationName, way: Way): boolean =>
  name === 'PutObjectFanOut' && way.name === 'form without a signature'

test('every operation, in every form and mode: what is allowed goes on, and what is not is refused', async () => {
  await using store = await StoreWithUsers.open({ profile: 'aws', signatureV2: true })
  const { engine } = store
  let count = 0
  for (const name of Object.keys(operations) as OperationName[]) {
    const row: Row | { sameWireAs: string } = operations[name]
    if ('sameWireAs' in row) continue
    const needs = 'openToAll' in row.needs ? [] : row.needs
    const required = needs.filter(
      ({ action, isRequired, when, of }) =>
        (isRequired && when === undefined && of !== 'each') || action === askedByOperation[name],
    )
    // What is not served is refused before it is read what it would be copied from.
    const decided = row.aws.kind === 'served' ? required : required.filter(({ of }) => of !== 'source')
    const ofBucket = needs.filter(({ of }) => of !== 'service')
    const ways = [...waysOf(name, row)]
    const prepare = async (identity: readonly Statement[], bucket: readonly Statement[]): Promise<void> => {
      if (!(await exists(engine))) await engine.createBucket('bucket')
      await engine.bucket('bucket').put('key', Buffer.from('body'))
      await store.allow(...identity)
      await store.bucketPolicy(...bucket)
    }
    const check = async (way: Way, isRefused: boolean, why: string): Promise<void> => {
      count++
      const said = await store.say(way.message)
      if (way.always !== undefined) {
        assert.equal(said.code, way.always, `${name}, ${way.name}: ${why}: ${said.status} ${said.text}`)
        return
      }
      assert.equal(
        isDenied(said, way.message),
        isRefused,
        `${name}, ${way.name}: ${why}: ${said.status} ${said.text}`,
      )
    }
    /** What is refused changes nothing, so that all ways can be tried one after the other. */
    const refused = async (
      which: readonly Way[],
      why: string,
      identity: readonly Statement[],
      bucket: readonly Statement[],
    ) => {
      await prepare(identity, bucket)
      for (const way of which) await check(way, true, why)
    }
    const signed = ways.filter(({ isAnonymous }) => !isAnonymous)
    const anonymous = ways.filter(({ isAnonymous }) => isAnonymous)

    for (const way of ways) {
      const isHopeless =
        way.isAnonymous && (isUnsignedList(name, way) || decided.some(({ of }) => of === 'service'))
      await (way.isAnonymous ? prepare([], allowing(ofBucket)) : prepare(allowing(needs), []))
      await check(way, decided.length > 0 && isHopeless, 'allowed')
    }
    if (decided.length === 0) continue
    await refused(ways, 'no statement', [], [])
    for (const need of decided) {
      const others = needs.filter(({ action }) => action !== need.action)
      await refused(signed, `all but ${need.action}`, allowing(others), [])
      await refused(
        anonymous,
        `all but ${need.action}`,
        [],
        allowing(others.filter(({ of }) => of !== 'service')),
      )
      await refused(signed, `${need.action} denied by identity`, [everything, denying(need)], [])
      if (need.of === 'service') continue
      await refused(signed, `${need.action} denied by bucket`, [everything], [denying(need)])
      await refused(anonymous, `${need.action} denied by bucket`, [], [...allowing(ofBucket), denying(need)])
    }
  }
  assert.ok(count > 8_000, String(count))
})

async function exists(engine: StoreWithUsers['engine']): Promise<boolean> {
  return engine
    .bucket('bucket')
    .info()
    .then(
      () => true,
      () => false,
    )
}
