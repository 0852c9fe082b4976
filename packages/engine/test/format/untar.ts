import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const BLOCK = 512

/** Plain files of a POSIX ustar archive, as `tar --format=ustar` writes short names. */
export async function untar(path: string, directory: string): Promise<void> {
  const bytes = gunzipSync(await readFile(path))
  for (let at = 0; bytes[at] !== 0; ) {
    const text = (offset: number, length: number) =>
      bytes.toString('latin1', at + offset, at + offset + length).replace(/\0.*$/s, '')
    const sizeBytes = Number.parseInt(text(124, 12), 8)
    const isFile = text(156, 1) === '0'
    if (isFile) {
      const file = join(directory, text(0, 100))
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes.subarray(at + BLOCK, at + BLOCK + sizeBytes))
    }
    at += BLOCK + Math.ceil(sizeBytes / BLOCK) * BLOCK
  }
}
