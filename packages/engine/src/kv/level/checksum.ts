import xxhash from 'xxhash-wasm'

const { h64Raw } = await xxhash()

/** XXH64. Finds accidents, not tampering. The seed is taken modulo 2⁶⁴. */
export const xxh64: (bytes: Uint8Array, seed: bigint) => bigint = h64Raw
