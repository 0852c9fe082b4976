import type { Versioning } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { optional, xmlDocument } from '../wire/xml-out.js'

const statuses: Record<Versioning, string> = { enabled: 'Enabled', suspended: 'Suspended' }

export const getBucketVersioning: Operation = async ({ engine, target, signal }) => {
  const versioning = await engine.bucket(target.bucket).getConfiguration('versioning', { signal })
  const status = versioning && statuses[versioning]
  return { status: 200, body: xmlDocument('VersioningConfiguration', optional('Status', status)) }
}
