import { EngineError } from '../errors.js'

const SHAPE = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/
const PREFIXES = ['xn--', 'sthree-', 'amzn-s3-demo-']
const SUFFIXES = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3', '-an']

const DIRECTORY = /^[a-z0-9][a-z0-9-]*--([a-z0-9]+(?:-[a-z0-9]+)*)--x-s3$/

/**
 * The zone in the name of a directory bucket, `name--zone--x-s3`; undefined for any other name.
 * Source: S3 User Guide, "Directory bucket naming rules".
 */
export function zoneOfBucketName(name: string): string | undefined {
  return name.length <= 63 ? DIRECTORY.exec(name)?.[1] : undefined
}

/** Source: S3 User Guide, "General purpose bucket naming rules". */
export function isBucketName(name: string): boolean {
  if (zoneOfBucketName(name) !== undefined) return true
  return (
    SHAPE.test(name) &&
    !/\.\.|\.-|-\./.test(name) &&
    !IPV4.test(name) &&
    !PREFIXES.some((prefix) => name.startsWith(prefix)) &&
    !SUFFIXES.some((suffix) => name.endsWith(suffix))
  )
}

export function checkBucketName(bucket: string): void {
  if (typeof bucket !== 'string') throw new TypeError("A bucket's name is text.")
  if (!isBucketName(bucket))
    throw new EngineError(
      'InvalidBucketName',
      `"${bucket}" is no bucket name: that is 3 to 63 of a-z, 0-9, "." and "-", no IP address, and nothing S3 reserves.`,
      { bucket },
    )
}
