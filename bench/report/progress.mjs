/** One line that is written over and over on a terminal; elsewhere nothing. */
export function progress(what, total) {
  if (!process.stderr.isTTY) return { at() {}, end() {} }
  let shown = 0
  return {
    at(done) {
      const now = Date.now()
      if (now - shown < 200) return
      shown = now
      process.stderr.write(`\r\x1b[K${what} ${Math.floor((100 * done) / total)} %`)
    },
    end: () => process.stderr.write('\r\x1b[K'),
  }
}
