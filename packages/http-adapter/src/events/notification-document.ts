import type { Notification, NotificationRule } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { readXmlBody } from '../wire/xml-body.js'
import { malformedXml, type XmlElement } from '../wire/xml-in.js'
import { element, optional, text, xmlDocument } from '../wire/xml-out.js'

/** @throws {@link S3Error} `MalformedXML`, `InvalidArgument`, `UnsupportedNotification` */
export async function readNotificationDocument(call: Call): Promise<Notification> {
  const document = await readXmlBody(call, 'NotificationConfiguration')
  // Targets are queues to S3 clients, as on AIStor: it has no topics and no functions. EventBridge is passed over, as there.
  if (document.all('TopicConfiguration').length + document.all('CloudFunctionConfiguration').length > 0)
    throw new S3Error(
      'UnsupportedNotification',
      'MinIO server does not support Topic or Cloud Function based notifications.',
    )
  return { rules: document.all('QueueConfiguration').map((queue) => readRule(queue, call)) }
}

function readRule(queue: XmlElement, { settings }: Call): NotificationRule {
  const arn = queue.textOf('Queue')
  const names = queue.all('Event').map((event) => event.text.trim())
  if (arn === undefined || names.length === 0) throw malformedXml()
  const [, , , region = ''] = arn.split(':')
  if (region !== '' && region !== settings.region)
    throw invalidArgument('A specified destination is in a different region than the bucket.', 'Queue', arn)
  const id = queue.textOf('Id')
  return { ...(id ? { id } : {}), arn, names, ...readFilter(queue.find('Filter')) }
}

function readFilter(filter: XmlElement | undefined): { prefix?: string; suffix?: string } {
  const found: { prefix?: string; suffix?: string } = {}
  for (const rule of filter?.find('S3Key')?.all('FilterRule') ?? []) {
    const name = rule.textOf('Name')?.toLowerCase()
    if (name !== 'prefix' && name !== 'suffix')
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name ?? '')
    if (found[name] !== undefined)
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', name)
    found[name] = rule.find('Value')?.text ?? ''
  }
  return found
}

export const notificationDocument = (notification: Notification | undefined, region: string): string =>
  xmlDocument(
    'NotificationConfiguration',
    ...(notification?.rules ?? []).map((rule) => queueElement(rule, region)),
  )

function queueElement({ id, arn, names, prefix, suffix }: NotificationRule, region: string): string {
  const filterRule = (name: string, value: string | undefined): string =>
    value === undefined ? '' : element('FilterRule', text('Name', name), text('Value', value))
  const filter = filterRule('prefix', prefix) + filterRule('suffix', suffix)
  return element(
    'QueueConfiguration',
    optional('Id', id),
    text('Queue', arn.replace('arn:minio:sqs::', `arn:minio:sqs:${region}:`)),
    ...names.map((name) => text('Event', name)),
    filter === '' ? '' : element('Filter', element('S3Key', filter)),
  )
}
