import { readNotificationDocument } from '../events/notification-document.js'
import type { Operation } from '../operation.js'

export const putBucketNotificationConfiguration: Operation = async (call) => {
  const { engine, target, headers, signal } = call
  const notification = await readNotificationDocument(call)
  const skipDestinationValidation =
    headers.get('x-amz-skip-destination-validation')?.trim().toLowerCase() === 'true'
  await engine
    .bucket(target.bucket)
    .setConfiguration('notification', notification, { skipDestinationValidation, signal })
  return { status: 200 }
}
