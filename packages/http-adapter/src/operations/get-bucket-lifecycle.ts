import { transitionMinimumHeader } from '../lifecycle/transition-minimum.js'
import { lifecycleDocument } from '../lifecycle/write-lifecycle.js'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

export const getBucketLifecycle: Operation = async ({ engine, target, query, signal }) => {
  const tellsTime = readSwitch(query.get('withUpdatedAt') ?? '')
  const found = await engine.bucket(target.bucket).getConfiguration('lifecycle', { signal })
  if (found === undefined)
    throw new S3Error('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', {
      BucketName: target.bucket,
    })
  const { updated, transitionMinimum } = found
  return {
    status: 200,
    headers: {
      ...transitionMinimumHeader(transitionMinimum),
      ...(tellsTime && updated && { 'x-minio-lifecycleconfig-updatedat': basicDate(updated) }),
    },
    body: lifecycleDocument(found),
  }
}

/** As ISO 8601's basic form has it, to the second. */
const basicDate = (date: Date): string => `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

/** The words that AIStor takes. */
function readSwitch(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(|0|f|F|FALSE|false|False)$/.test(text)) return false
  throw new S3Error('XMinioInvalidLifecycleParameter', 'withUpdatedAt is true or false.')
}
