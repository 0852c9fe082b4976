import type { EngineEvent } from '../../contract/events.js'

/** What a message says beside the event itself. */
export interface EventMessageOptions {
  /** Where the store is reached, such as `http://127.0.0.1:9000`. @defaultValue '' */
  readonly endpoint?: string
  /** Which store it is. @defaultValue '' */
  readonly deploymentId?: string
  readonly region?: string
}

/** An event as S3 and AIStor write it. */
export interface EventMessage {
  readonly EventName: string
  /** `bucket/key`, as it is. */
  readonly Key: string
  readonly Records: readonly EventMessageRecord[]
}

export type EventMessageRecord = Readonly<Record<string, unknown>>

/**
 * What is sent of an event: AIStor's envelope with one record. What looks like names of headers in it are members of that
 * document. A test event is AWS's. Source: AIStor's records of events; S3 User Guide, "Event message structure".
 */
export function eventMessage(
  event: EngineEvent,
  options: EventMessageOptions = {},
): EventMessage | Readonly<Record<string, unknown>> {
  const { name, bucket, key, time, origin } = event
  if (name === 's3:TestEvent')
    return {
      ...{ Service: 'Amazon S3', Event: name, Time: time.toISOString(), Bucket: bucket },
      ...{ RequestId: origin.requestId ?? '', HostId: origin.hostId ?? '' },
    }
  return {
    EventName: name,
    Key: key === '' ? bucket : `${bucket}/${key}`,
    Records: [eventRecord(event, { ...options, keys: 'escaped' })],
  }
}

/** The record alone. Who listens is told keys as they are; other targets get them as a form would send them. */
export function eventRecord(
  event: EngineEvent,
  {
    endpoint = '',
    deploymentId = '',
    region = '',
    keys,
  }: EventMessageOptions & { readonly keys: 'escaped' | 'raw' },
): EventMessageRecord {
  const { origin, sequencer } = event
  const principalId = origin.principalId ?? ''
  const at = origin.region ?? region
  return {
    eventVersion: '2.0',
    eventSource: 'minio:s3',
    awsRegion: at,
    eventTime: event.time.toISOString(),
    eventName: event.name,
    userIdentity: { principalId },
    requestParameters: {
      ...{ principalId, region: at, sourceIPAddress: origin.sourceAddress ?? '' },
      ...(origin.range === undefined ? {} : { range: origin.range }),
    },
    responseElements: {
      'x-amz-id-2': origin.hostId ?? '',
      'x-amz-request-id': origin.requestId ?? '',
      'x-minio-deployment-id': deploymentId,
      'x-minio-origin-endpoint': endpoint,
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'Config',
      bucket: {
        name: event.bucket,
        ownerIdentity: { principalId: event.bucketOwnerId ?? '' },
        arn: `arn:aws:s3:::${event.bucket}`,
      },
      object: {
        key: keys === 'raw' ? event.key : escaped(event.key),
        ...(event.sizeBytes === undefined ? {} : { size: event.sizeBytes }),
        ...(event.etag === undefined ? {} : { eTag: event.etag }),
        ...(event.contentType === undefined ? {} : { contentType: event.contentType }),
        ...(event.metadata === undefined ? {} : { userMetadata: userMetadata(event) }),
        ...(event.versionId === undefined ? {} : { versionId: event.versionId }),
        sequencer,
      },
    },
    source: {
      ...{ host: origin.sourceAddress ?? '', port: origin.sourcePort ?? '' },
      userAgent: origin.userAgent ?? '',
    },
  }
}

/** As a form's value: a space is a plus. */
const escaped = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** Names as they come over HTTP, with the content type among them. */
function userMetadata({ metadata = {}, contentType }: EngineEvent): Record<string, string> {
  const named = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...Object.fromEntries(named),
  }
}
