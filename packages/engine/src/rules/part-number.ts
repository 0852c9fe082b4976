import { limits } from '../limits.js'

/** A part number that S3 does not know is a caller's slip. */
export function checkPartNumber(partNumber: number): void {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > limits.partNumberMax)
    throw new RangeError(
      `A part number is a whole number from 1 to ${limits.partNumberMax}, not ${partNumber}.`,
    )
}
