import type { Versioning } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readXmlBody } from '../wire/xml-body.js'
import { malformedXml, type XmlElement } from '../wire/xml-in.js'

const states = new Map<string, Versioning>([
  ['Enabled', 'enabled'],
  ['Suspended', 'suspended'],
])

export const putBucketVersioning: Operation = async (call) => {
  const { engine, target, headers, signal } = call
  refuseUnhonoured(headers)
  const versioning = readVersioning(await readXmlBody(call, 'VersioningConfiguration'))
  await engine.bucket(target.bucket).setConfiguration('versioning', versioning, { signal })
  return { status: 200 }
}

function readVersioning(document: XmlElement): Versioning {
  const mfaDelete = document.textOf('MfaDelete')
  if (mfaDelete !== undefined && mfaDelete !== 'Disabled') {
    if (mfaDelete !== 'Enabled') throw malformedXml()
    throw new S3Error('NotImplemented', 'MFA delete is not implemented.')
  }
  // MinIO's exceptions from versioning: silence would lose versions that were asked for, or keep unwanted ones.
  if (document.find('ExcludedPrefixes') !== undefined || document.find('ExcludeFolders') !== undefined)
    throw new S3Error('NotImplemented', 'Versioning that excludes prefixes or folders is not implemented.')
  const status = document.textOf('Status')
  if (status === undefined)
    throw new S3Error('IllegalVersioningConfigurationException', 'The Versioning element must be specified')
  const versioning = states.get(status)
  if (versioning === undefined) throw malformedXml()
  return versioning
}
