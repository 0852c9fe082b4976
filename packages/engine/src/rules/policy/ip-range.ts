/** An address as 16 bytes: those of version 4 as version 6 has them, `::ffff:192.0.2.1`, so that either spelling is found. */
type Address = readonly number[]

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
const OCTET = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[\da-f]{1,4}$/i
const LENGTH = /^(?:0|[1-9]\d{0,2})$/

/** A range such as `203.0.113.0/24` or `2001:db8::/32`; one address without a length. */
interface Range {
  readonly address: Address
  readonly bits: number
}

export const isIpRange = (text: string): boolean => parseRange(text) !== undefined

/** Whether an address is in a range; what is no address is in none. */
export function isInRange(address: string, range: string): boolean {
  const wanted = parseRange(range)
  const found = parseAddress(address)
  return wanted !== undefined && found !== undefined && sameBits(wanted, found)
}

/**
 * Whether an address lies in one of these ranges, such as `203.0.113.0/24`, `2001:db8::/32` or one address. An address of
 * version 4 is found in either spelling, also as `::ffff:203.0.113.9`; what is no address is in none.
 *
 * @throws {TypeError} for what is no range.
 */
export function ipRanges(ranges: readonly string[]): (address: string) => boolean {
  const wanted = ranges.map((text) => {
    const range = parseRange(text)
    if (range === undefined) throw new TypeError(`"${text}" is neither an IP address nor a CIDR block.`)
    return range
  })
  if (wanted.length === 0) return () => false
  return (address) => {
    const found = parseAddress(address)
    return found !== undefined && wanted.some((range) => sameBits(range, found))
  }
}

/** Broader than /8 of version 4 or /32 of version 6. Source: S3 User Guide, "The meaning of public". */
export function isBroadRange(text: string): boolean {
  const range = parseRange(text)
  return range !== undefined && range.bits < (text.includes(':') ? 32 : 96 + 8)
}

function sameBits({ address, bits }: Range, found: Address): boolean {
  return address.every((byte, at) => {
    const mask = 0xff & ~(0xff >>> Math.min(8, Math.max(0, bits - at * 8)))
    return (byte & mask) === (found[at]! & mask)
  })
}

function parseRange(text: string): Range | undefined {
  const [address = '', length, ...more] = text.split('/')
  const bytes = parseAddress(address)
  if (bytes === undefined || more.length > 0) return undefined
  const isVersion4 = !address.includes(':')
  const maximum = isVersion4 ? 32 : 128
  if (length !== undefined && (!LENGTH.test(length) || Number(length) > maximum)) return undefined
  return { address: bytes, bits: (length === undefined ? maximum : Number(length)) + (isVersion4 ? 96 : 0) }
}

function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const octets = parseVersion4(text)
    return octets && [...MAPPED, ...octets]
  }
  // A link-local address may come with the name of its interface.
  return parseVersion6(text.split('%', 1)[0]!)
}

function parseVersion4(text: string): number[] | undefined {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) < 256))
    return undefined
  return octets.map(Number)
}

function parseVersion6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, at) => parseGroups(half, at === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  if (halves.length === 1) return head.length === 16 ? head : undefined
  const missing = 16 - head.length - tail!.length
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...tail!] : undefined
}

/** Groups of four hexadecimal digits; the last two may be written as an address of version 4. */
function parseGroups(text: string, mayEndInVersion4: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [at, group] of groups.entries()) {
    const octets = mayEndInVersion4 && at === groups.length - 1 ? parseVersion4(group) : undefined
    if (octets !== undefined) bytes.push(...octets)
    else if (GROUP.test(group))
      bytes.push(Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff)
    else return undefined
  }
  return bytes
}
