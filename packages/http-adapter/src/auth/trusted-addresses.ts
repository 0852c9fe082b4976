import { BlockList, isIP } from 'node:net'

/** @throws {TypeError} for what is neither an address nor a CIDR block. */
export function trustedAddresses(blocks: readonly string[]): (address: string | undefined) => boolean {
  if (blocks.length === 0) return () => false
  const list = new BlockList()
  for (const block of blocks) {
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(block) ?? []
    const family = isIP(address)
    const allBits = family === 4 ? 32 : 128
    if (family === 0 || Number(bits ?? 0) > allBits)
      throw new TypeError(`"${block}" is neither an IP address nor a CIDR block.`)
    list.addSubnet(address, bits === undefined ? allBits : Number(bits), familyName(family))
  }
  return (address) => {
    const family = isIP(address ?? '')
    return family !== 0 && list.check(address!, familyName(family))
  }
}

const familyName = (family: number): 'ipv4' | 'ipv6' => (family === 4 ? 'ipv4' : 'ipv6')
