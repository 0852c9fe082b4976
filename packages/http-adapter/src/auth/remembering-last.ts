/**
 * A pure function of a text that remembers its last answer: of what is signed, most is the same from one request to the
 * next. Its answers must not be changed by anybody.
 */
export function rememberingLast<T>(answerTo: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly answer: T } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, answer: answerTo(text) }
    return last.answer
  }
}
