import { untoldBucket } from '../events/told-bucket.js'
import type { Call, Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import type { S3Code } from '../status.js'
import { readVersionId } from '../wire/version-id.js'
import { element, text, xmlDocument } from '../wire/xml-out.js'

/**
 * What S3 answers when a bucket's or object's setting was never made. Tools read all of these unasked and take a
 * 501 for a broken server, so they are answered also where the setting cannot be made.
 */

const ofBucket =
  (document: (call: Call) => string): Operation =>
  async (call) => {
    await call.engine.bucket(call.target.bucket).info({ signal: call.signal })
    return { status: 200, body: document(call) }
  }

const neverSet = (code: S3Code, message: string): Operation =>
  ofBucket(({ target }) => {
    throw new S3Error(code, message, { BucketName: target.bucket })
  })

export const emptyAccelerate = ofBucket(() => xmlDocument('AccelerateConfiguration'))
export const emptyLogging = ofBucket(() => xmlDocument('BucketLoggingStatus'))
export const ownerPaysRequests = ofBucket(() =>
  xmlDocument('RequestPaymentConfiguration', text('Payer', 'BucketOwner')),
)
export const abacDisabled = ofBucket(() => xmlDocument('AbacStatus', text('Status', 'Disabled')))
export const noConfigurations = (root: string): Operation =>
  ofBucket(() => xmlDocument(root, text('IsTruncated', false)))

export const noOwnershipControls = neverSet(
  'OwnershipControlsNotFoundError',
  'The bucket ownership controls were not found',
)
export const noPublicAccessBlock = neverSet(
  'NoSuchPublicAccessBlockConfiguration',
  'The public access block configuration was not found',
)
export const noEncryption = neverSet(
  'ServerSideEncryptionConfigurationNotFoundError',
  'The server side encryption configuration was not found',
)
export const noWebsite = neverSet(
  'NoSuchWebsiteConfiguration',
  'The specified bucket does not have a website configuration',
)
export const noConfiguration = neverSet('NoSuchConfiguration', 'The specified configuration does not exist.')

/** Deleting what was never set succeeds. */
export const nothingToDelete: Operation = async ({ engine, target, signal }) => {
  await engine.bucket(target.bucket).info({ signal })
  return { status: 204 }
}

export const bucketAcl: Operation = async (call) => {
  const info = await call.engine.bucket(call.target.bucket).info({ signal: call.signal })
  return { status: 200, body: await ownerHasFullControl(call, info.ownerId) }
}

const ofObject =
  (document: (call: Call, ownerId: string | undefined) => string | Promise<string>): Operation =>
  async (call) => {
    const { target, query, signal } = call
    const version = readVersionId(query.get('versionId'))
    const info = await untoldBucket(call, target.bucket).head(target.key, { ...version, signal })
    return { status: 200, body: await document(call, info.ownerId) }
  }

export const objectAcl = ofObject(ownerHasFullControl)
async function ownerHasFullControl(
  { engine, settings }: Call,
  id: string = settings.owner.id,
): Promise<string> {
  const isOurs = id === settings.owner.id
  const name = isOurs ? settings.owner.displayName : await engine.identities.findDisplayName(id)
  const owner = text('ID', id) + (name === undefined ? '' : text('DisplayName', name))
  const grantee = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">${owner}</Grantee>`
  return xmlDocument(
    'AccessControlPolicy',
    element('Owner', owner),
    element('AccessControlList', element('Grant', grantee, text('Permission', 'FULL_CONTROL'))),
  )
}
