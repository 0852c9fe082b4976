import { isIPv6 } from 'node:net'
import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'

interface Attempts {
  failures: number
  /** When they were last counted. */
  at: number
}

/**
 * Slows down whoever tries secrets: after some failures, one address can try one access key only as fast as failures are
 * forgiven. Others are not held back by it, neither at that address with another key nor with that key elsewhere; and a
 * request whose signature was always good costs nothing here.
 */
export class FailedAttempts {
  readonly #now: () => number
  /** The one that failed longest ago comes first. */
  readonly #attempts = new Map<string, Attempts>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * Lets a signature be verified, and remembers if it does not match.
   *
   * @throws {@link S3Error} `SlowDown`, and what the verification throws.
   */
  async watch<T>(
    accessKeyId: string,
    address: () => string | undefined,
    verify: () => Promise<T>,
  ): Promise<T> {
    this.check(accessKeyId, address)
    try {
      return await verify()
    } catch (error) {
      if (error instanceof S3Error && error.code === 'SignatureDoesNotMatch')
        this.failed(accessKeyId, address())
      throw error
    }
  }

  /** @throws {@link S3Error} `SlowDown` */
  check(accessKeyId: string, address: () => string | undefined): void {
    if (this.#attempts.size === 0) return
    const attempts = this.#attempts.get(nameOf(accessKeyId, address()))
    if (attempts === undefined || this.#remaining(attempts) < limits.failedSignaturesMax) return
    throw new S3Error(
      'SlowDown',
      'Too many requests with this access key had wrong signatures. Please reduce your request rate.',
      {},
      { 'retry-after': '1' },
    )
  }

  /** @param address Where nobody knows it, strangers would be held back for one another. */
  failed(accessKeyId: string, address: string | undefined): void {
    if (address === undefined) return
    const name = nameOf(accessKeyId, address)
    const former = this.#attempts.get(name)
    this.#attempts.delete(name)
    const failures = 1 + (former === undefined ? 0 : this.#remaining(former))
    this.#attempts.set(name, { failures, at: this.#now() })
    if (this.#attempts.size > limits.failedSignaturesRemembered)
      this.#attempts.delete(this.#attempts.keys().next().value!)
  }

  #remaining({ failures, at }: Attempts): number {
    const forgiven = ((this.#now() - at) / 1_000) * limits.failedSignaturesForgivenPerSecond
    return Math.max(0, failures - Math.max(0, forgiven))
  }
}

/** Whoever has one IPv6 address has the whole of its network. */
function nameOf(accessKeyId: string, address = ''): string {
  const network = isIPv6(address) ? networkOf(address) : address
  return `${network} ${accessKeyId}`
}

function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  while (groups.length + behind.length < 8) groups.push('0')
  return [...groups, ...behind].slice(0, 4).join(':').toLowerCase()
}
