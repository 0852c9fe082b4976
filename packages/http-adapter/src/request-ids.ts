import { randomBytes, randomInt } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Ten bits each. */
const pairs = [...alphabet].flatMap((first) => [...alphabet].map((second) => first + second))
const HALF = 2 ** 40

/**
 * Ids of requests as S3's look: 16 upper-case characters. A random half for the process and a count from a random
 * start, so that one costs nothing and two never meet in one process.
 */
export function requestIds(): () => string {
  const first = textOf(randomInt(HALF))
  let count = randomInt(HALF)
  return () => {
    count = (count + 1) % HALF
    return first + textOf(count)
  }
}

/** Forty bits as eight characters. */
function textOf(value: number): string {
  const high = Math.floor(value / 2 ** 20)
  const low = value % 2 ** 20
  return pairs[high >> 10]! + pairs[high & 1_023] + pairs[low >> 10] + pairs[low & 1_023]
}

/** `x-amz-id-2`: opaque, the same for all answers of one handler. */
export const hostId = (): string => randomBytes(42).toString('base64')
