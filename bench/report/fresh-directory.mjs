import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory of one's own in `parent`, which is made where it is not there. */
export async function freshDirectory(name, parent = tmpdir()) {
  await mkdir(parent, { recursive: true })
  return mkdtemp(join(parent, `aquifer-${name}-`))
}
