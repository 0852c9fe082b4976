/** A CRC that S3 knows, all reflected, begun with ones and inverted at the end. */
export type CrcAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme'

/**
 * Polynomials over two elements, highest 32 bits first and reflected: the coefficient of x⁰ is the highest
 * bit. One of 32 bits leaves `low` at 0. Numbers instead of BigInt, since a completion combines 10,000 parts.
 */
interface Polynomial {
  high: number
  low: number
}

const ONE: Polynomial = { high: 0x8000_0000, low: 0 }

class Field {
  readonly #bits: 32 | 64
  readonly #modulus: Polynomial
  /** x to the power of 2ⁿ, for as many n as a length in bits may need. */
  readonly #squares: Polynomial[] = []

  constructor(bits: 32 | 64, modulus: Polynomial) {
    this.#bits = bits
    this.#modulus = modulus
    for (let square: Polynomial = { high: 0x4000_0000, low: 0 }; this.#squares.length < 57; ) {
      this.#squares.push(square)
      square = this.multiply(square, square)
    }
  }

  multiply(a: Polynomial, b: Polynomial): Polynomial {
    let { high, low } = b
    let productHigh = 0
    let productLow = 0
    for (let power = 0; power < this.#bits; power++) {
      const word = power < 32 ? a.high : a.low
      if (((word >>> (31 - (power & 31))) & 1) !== 0) {
        productHigh ^= high
        productLow ^= low
      }
      // b times x: one place to the right, and reduced if its highest power fell out.
      const fellOut = (this.#bits === 64 ? low : high) & 1
      if (this.#bits === 64) low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (fellOut !== 0) {
        high ^= this.#modulus.high
        low ^= this.#modulus.low
      }
    }
    return { high: productHigh >>> 0, low: productLow >>> 0 }
  }

  /** x to the power of the number of bits in so many bytes. */
  shiftBy(bytes: number): Polynomial {
    let shift = ONE
    for (let rest = bytes, n = 3; rest > 0; rest = Math.floor(rest / 2), n++) {
      if (rest % 2 === 1) shift = this.multiply(shift, this.#squares[n]!)
    }
    return shift
  }
}

const fields: Record<CrcAlgorithm, Field> = {
  crc32: new Field(32, { high: 0xedb8_8320, low: 0 }),
  crc32c: new Field(32, { high: 0x82f6_3b78, low: 0 }),
  crc64nvme: new Field(64, { high: 0x9a6c_9329, low: 0xac4b_c9b5 }),
}

/**
 * The CRC of two stretches in a row, from the CRC of each and the length of the second: no byte is read. What
 * the ones at the beginning and the end would add cancels out, so that it is a multiplication and a sum.
 */
export function combineCrc(
  algorithm: CrcAlgorithm,
  a: Uint8Array,
  b: Uint8Array,
  lengthOfB: number,
): Uint8Array {
  const field = fields[algorithm]
  const { high, low } = field.multiply(read(a), field.shiftBy(lengthOfB))
  const second = read(b)
  const combined = new Uint8Array(a.byteLength)
  const view = new DataView(combined.buffer)
  view.setUint32(0, high ^ second.high)
  if (combined.byteLength === 8) view.setUint32(4, low ^ second.low)
  return combined
}

function read(digest: Uint8Array): Polynomial {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength)
  return { high: view.getUint32(0), low: digest.byteLength === 8 ? view.getUint32(4) : 0 }
}
