import xxhash from 'xxhash-wasm'

const { h64, h64Raw } = await xxhash()

/** XXH64. Finds accidents, not tampering. The seed is taken modulo 2⁶⁴. */
export const xxh64: (bytes: Uint8Array, seed: bigint) => bigint = h64Raw
/** Of the text's UTF-8. */
export const xxh64OfText: (text: string, seed: bigint) => bigint = h64
