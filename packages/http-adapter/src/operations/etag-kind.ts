import type { EtagKind } from '@aquifer/engine'
import type { Call } from '../operation.js'

/** What is written in S3 Express mode has an ETag that is no MD5 of anything. Source: S3 User Guide, "Directory buckets". */
export const etagKind = ({ settings }: Call): EtagKind =>
  settings.profile === 'express' ? { etag: 'opaque' } : {}
