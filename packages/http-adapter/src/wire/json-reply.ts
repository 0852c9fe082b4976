import type { Reply } from '../operation.js'

/** What MinIO's extensions answer in, where S3 has XML. */
export const jsonReply = (document: object): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(document),
})
