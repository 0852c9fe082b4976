/** One line that is written over and over on a terminal, and lines one after another elsewhere; without text it goes. */
export function show(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text ?? ''}`)
  else if (text !== undefined) console.error(text)
}

/** How far something has come, on a terminal; elsewhere it says that it has begun. */
export function progress(what, total) {
  if (!process.stderr.isTTY) {
    show(what)
    return { at() {}, end() {} }
  }
  let shown = 0
  return {
    at(done) {
      const now = Date.now()
      if (now - shown < 200) return
      shown = now
      show(`${what} ${Math.floor((100 * done) / total)} %`)
    },
    end: () => show(),
  }
}
