import { getBucket } from '../../catalog/find.js'
import { documentKey } from '../../catalog/keys.js'
import { encodeBucket } from '../../catalog/records/bucket-record.js'
import { decodeDocument, encodeDocument } from '../../catalog/records/document.js'
import { changeBucket } from '../../commit/bucket-change.js'
import type { SetOptions } from '../../contract/configuration.js'
import type { EngineEvent, Notification } from '../../contract/events.js'
import { EngineError } from '../../errors.js'
import { limits } from '../../limits.js'
import type { StoredNotification } from '../../outbox/notification-rules.js'
import { within } from '../../outbox/within.js'
import { checkNotification } from '../../rules/events/check-notification.js'
import type { Works } from '../../works.js'

export async function getNotification(works: Works, bucket: string): Promise<Notification | undefined> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const { bucketId, notification } = await getBucket(works.kv, bucket)
    if (notification === undefined) return undefined
    const row = await works.kv.get(documentKey(bucketId, 'notification'))
    const payload = row && (await works.kv.readPayload(row.key, row.revision))
    if (row === undefined || payload === undefined || payload === 'changed') continue
    const { rules } = decodeDocument(row.value, payload, `notification of "${bucket}"`) as StoredNotification
    return { rules }
  }
  throw new EngineError('OperationAborted', `Others kept changing bucket "${bucket}". Try again.`, { bucket })
}

/** The bucket's row changes with it, so that no write that was decided by the former rules is carried out after. */
export async function setNotification(
  works: Works,
  bucket: string,
  value: Notification | undefined,
  options: SetOptions,
): Promise<void> {
  const wanted = value === undefined || value.rules.length === 0 ? undefined : checkNotification(value)
  if (wanted !== undefined) await checkTargets(works, bucket, wanted, options)
  const token = works.ids.next()
  await changeBucket(works, bucket, ({ row, record }, draft) => {
    const { notification: before, ...rest } = record
    const key = documentKey(record.bucketId, 'notification')
    if (wanted === undefined) {
      if (before === undefined) return
      draft.delete(key)
      draft.put(row.key, encodeBucket(rest))
      return
    }
    const stored: StoredNotification = { ...wanted, token: Buffer.from(token).toString('hex') }
    const document = encodeDocument(stored)
    draft.put(key, document.value, document.payload)
    draft.put(row.key, encodeBucket({ ...rest, notification: token }))
  })
}

/** Each target is there, and takes a test event. Source: S3 User Guide, "Event message structure", `s3:TestEvent`. */
async function checkTargets(
  works: Works,
  bucket: string,
  { rules }: Notification,
  { skipDestinationValidation = false, signal }: SetOptions,
): Promise<void> {
  await getBucket(works.kv, bucket)
  const arns = new Set(rules.map(({ arn }) => arn))
  for (const arn of arns)
    if (works.outbox.findTarget(arn) === undefined)
      throw new EngineError(
        'InvalidArgument',
        'A specified destination ARN does not exist or is not well-formed',
        {
          argument: 'arn',
          value: arn,
        },
      )
  if (skipDestinationValidation) return
  const event: EngineEvent = {
    name: 's3:TestEvent',
    time: new Date(works.clock.now()),
    ...{ bucket, key: '', sequencer: '', origin: {} },
  }
  await Promise.all([...arns].map((arn) => test(works, arn, event, signal)))
}

async function test(
  works: Works,
  arn: string,
  event: EngineEvent,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { target, timeoutMs = limits.eventTimeoutMsDefault } = works.outbox.findTarget(arn)!
  try {
    await within(timeoutMs, signal, (signal) => target.deliver(event, { signal }))
  } catch (error) {
    signal?.throwIfAborted()
    const message = error instanceof Error ? error.message : String(error)
    throw new EngineError(
      'InvalidArgument',
      `Unable to validate the following destination configurations: ${arn}: ${message}`,
      { argument: 'arn', value: arn },
      { cause: error },
    )
  }
}
