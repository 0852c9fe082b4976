import { inWords } from './figures.mjs'

/** Rows of `{ column: value }` as text, columns as wide as they need to be. */
export function table(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = [columns, ...rows.map((row) => columns.map((name) => inWords(row[name] ?? '')))]
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at].length)))
  const isText = columns.map((name) => rows.some((row) => typeof row[name] === 'string'))
  return cells
    .map((line) =>
      line
        .map((cell, at) => (isText[at] ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
