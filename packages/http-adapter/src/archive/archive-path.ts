const MARK = '.zip/'

/** A path that leads into an archive: `a/b.zip/c/d` is `c/d` in `a/b.zip`. Undefined for any other. */
export function splitArchivePath(path: string): { archive: string; inner: string } | undefined {
  const at = path.indexOf(MARK)
  if (at === -1) return undefined
  const end = at + MARK.length
  return { archive: path.slice(0, end - 1), inner: path.slice(end) }
}
