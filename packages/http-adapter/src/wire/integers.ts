import { invalidArgument } from '../s3-error.js'

/**
 * A number from a query or header: digits alone, no sign but a minus that is then out of range, no blank.
 * Larger than `maximum` is clipped when `clip` says so, as S3 does with page sizes.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function readInteger(
  value: string | undefined,
  name: string,
  bounds: { minimum: number; maximum: number; clip?: boolean },
): number | undefined {
  if (value === undefined) return undefined
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (number > bounds.maximum && bounds.clip === true) return bounds.maximum
  if (Number.isNaN(number) || number < bounds.minimum || number > bounds.maximum)
    throw invalidArgument(
      `Provided ${name} not an integer or within integer range`,
      name === 'max-keys' ? 'maxKeys' : name, // The one name that S3 spells otherwise here.
      value,
    )
  return number
}
