import { copyFile, open, readFile, truncate, unlink } from 'node:fs/promises'
import { isThere } from './damaged-store.js'

/** What befalls a file at rest. */
export interface Damage {
  /** Whether it may strike at one place or another. */
  readonly hasPlaces: boolean
  /** False where there is nothing to damage. `earlier` is the same file as it once was. */
  strike(path: string, random: () => number, earlier: string): Promise<boolean>
}

export const damages = {
  'a bit': {
    hasPlaces: true,
    async strike(path, random) {
      const { bytes, used } = await contentOf(path)
      if (used === 0) return false
      const at = Math.floor(random() * used)
      await overwrite(path, at, Uint8Array.of(bytes[at]! ^ (1 << Math.floor(random() * 8))))
      return true
    },
  },
  '4 KiB of zeros': {
    hasPlaces: true,
    async strike(path, random) {
      const { bytes, used } = await contentOf(path)
      if (used === 0) return false
      const at = Math.floor((random() * used) / 4_096) * 4_096
      await overwrite(path, at, new Uint8Array(Math.min(4_096, bytes.byteLength - at)))
      return true
    },
  },
  'its end cut off': {
    hasPlaces: true,
    async strike(path, random) {
      const { used } = await contentOf(path)
      if (used === 0) return false
      await truncate(path, Math.floor(random() * used))
      return true
    },
  },
  deletion: {
    hasPlaces: false,
    async strike(path) {
      await unlink(path)
      return true
    },
  },
  'an earlier copy': {
    hasPlaces: false,
    async strike(path, _random, earlier) {
      if (!(await isThere(earlier)) || (await readFile(earlier)).equals(await readFile(path))) return false
      await copyFile(earlier, path)
      return true
    },
  },
} satisfies Record<string, Damage>

export type DamageName = keyof typeof damages

/** Most of a segment is preallocated: what is behind the last byte that is not zero was never written. */
async function contentOf(path: string): Promise<{ bytes: Uint8Array; used: number }> {
  const bytes = await readFile(path)
  let used = bytes.byteLength
  while (used > 0 && bytes[used - 1] === 0) used--
  return { bytes, used }
}

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(bytes, 0, bytes.byteLength, at)
  } finally {
    await file.close()
  }
}
