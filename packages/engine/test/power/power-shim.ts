import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const source = fileURLToPath(new URL('../../test/power/power-shim.c', import.meta.url))
const COMPILERS = ['cc', 'gcc', 'clang']

/** Compiles the shim into the directory. Says why where that cannot be done: its tests are skipped then. */
export async function compilePowerShim(
  directory: string,
): Promise<{ library: string } | { unavailable: string }> {
  if (process.platform !== 'linux') return { unavailable: 'cutting the power under native code needs Linux' }
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  if (report.header.glibcVersionRuntime === undefined) return { unavailable: 'the preload shim needs glibc' }
  const library = join(directory, 'power-shim.so')
  for (const compiler of COMPILERS) {
    try {
      const options = ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread']
      await promisify(execFile)(compiler, options)
      return { library }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return { unavailable: `no C compiler was found (${COMPILERS.join(', ')})` }
}
