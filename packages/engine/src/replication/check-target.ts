import type { AddReplicationTarget } from '../contract/replication.js'
import { invalidArgument } from '../errors.js'
import { limits } from '../limits.js'

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/
const REGION = /^[A-Za-z0-9-]{1,64}$/
const CREDENTIAL = /^[\x21-\x7e]{1,1024}$/

/** Refuses what can be no target, whatever answers there. @throws {@link EngineError} `InvalidArgument` */
export function checkTarget(target: Partial<AddReplicationTarget>): void {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey, addressing } = target
  if (endpoint !== undefined) checkEndpoint(endpoint)
  checkText('bucket', bucket, BUCKET)
  checkText('region', region, REGION)
  checkText('accessKeyId', accessKeyId, CREDENTIAL)
  if (secretAccessKey !== undefined && !CREDENTIAL.test(secretAccessKey))
    throw invalidArgument('secretAccessKey', '…') // It is not to be seen in a log.
  if (addressing !== undefined && addressing !== 'path' && addressing !== 'virtual-host')
    throw invalidArgument('addressing', addressing)
  const { bandwidthLimit, concurrency } = target
  checkNumber('bandwidthLimit', bandwidthLimit, { minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
  checkNumber('concurrency', concurrency, { minimum: 1, maximum: limits.replicationConcurrencyMax })
}

function checkText(name: string, value: string | undefined, form: RegExp): void {
  if (value !== undefined && !form.test(value)) throw invalidArgument(name, value)
}

function checkNumber(
  name: string,
  value: number | undefined,
  { minimum, maximum }: { minimum: number; maximum: number },
): void {
  if (value === undefined) return
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum)
    throw invalidArgument(name, String(value))
}

function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const isPlain =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    (endpoint === url.origin || endpoint === `${url.origin}/`)
  if (!isPlain) throw invalidArgument('endpoint', endpoint)
}
