import { isIP } from 'node:net'
import { ipRanges } from '@aquifer/engine'

/** Where no call goes unless the configuration says so. Source: IANA's special-purpose address registries. */
const REFUSED = [
  '0.0.0.0/8', // This host.
  '127.0.0.0/8', // Loopback.
  '169.254.0.0/16', // Link-local, where clouds keep their credentials.
  '192.0.0.0/24',
  '192.88.99.0/24', // 6to4 relays, which lead anywhere.
  '198.18.0.0/15',
  '224.0.0.0/4', // Multicast.
  '240.0.0.0/4', // Reserved, and broadcast.
  '::/128',
  '::1/128',
  '100::/64',
  '2001::/32', // Teredo, which leads anywhere.
  '2002::/16', // 6to4.
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const

/** IPv6 addresses that hold an IPv4 one in their last four bytes, which is then what they reach; besides `::ffff:0:0/96`. */
const WRAPPERS = ['64:ff9b::/96', '::/96'] as const

/** Whether a call may go to an address, as it was connected to. */
export type AddressRule = (address: string) => boolean

/**
 * Loopback, link-local, multicast and reserved addresses are refused, unless they lie in one of the blocks allowed. Networks of
 * one's own (10.0.0.0/8 and their like) are where the receivers of a server of one's own stand: they are not refused.
 *
 * @param allowed Addresses or CIDR blocks.
 * @throws {TypeError} for what is neither.
 */
export function addressRule(allowed: readonly string[] = []): AddressRule {
  const isRefused = ipRanges(REFUSED)
  const isWrapper = ipRanges(WRAPPERS)
  const isExempt = ipRanges(allowed)
  return (address) => {
    const plain = address.replace(/%.*$/, '') // The zone of a link-local address.
    if (isIP(plain) === 0) return false
    const reached = isWrapper(plain) ? [plain, lastFourBytes(plain)] : [plain]
    return reached.some(isExempt) || !reached.some(isRefused)
  }
}

/** Of an IPv6 address in any of its spellings. */
function lastFourBytes(address: string): string {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (dotted !== undefined) return dotted
  // The URL parser writes an address in its one canonical way: at most four digits a group, `::` once.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const groups = canonical.endsWith('::') ? ['0', '0'] : canonical.split(':').slice(-2)
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group === '' ? '0' : group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
