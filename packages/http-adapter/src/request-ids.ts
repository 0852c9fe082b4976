import { randomBytes, randomInt } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 16

/**
 * Ids of requests as S3's look: 16 upper-case characters. A random start and then a count, so that one costs
 * nothing and two never meet in one process.
 */
export function requestIds(): () => string {
  let count = BigInt(randomInt(2 ** 47)) * 2n ** 31n
  return () => {
    count++
    let rest = count
    let id = ''
    for (let i = 0; i < length; i++) {
      id = alphabet[Number(rest & 31n)] + id
      rest >>= 5n
    }
    return id
  }
}

/** `x-amz-id-2`: opaque, the same for all answers of one handler. */
export const hostId = (): string => randomBytes(42).toString('base64')
