import { notificationDocument } from '../events/notification-document.js'
import type { Operation } from '../operation.js'

export const getBucketNotificationConfiguration: Operation = async ({ engine, target, settings, signal }) => {
  const notification = await engine.bucket(target.bucket).getConfiguration('notification', { signal })
  return { status: 200, body: notificationDocument(notification, settings.region) }
}
