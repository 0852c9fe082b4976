import { inWords } from '../report/figures.mjs'

const WIDTH = 860
const LABEL_WIDTH = 130
const BAR_WIDTH = 560
const LINE = 18
const colours = ['#0b6fa4', '#9aa5ad', '#c06c2b', '#5b8c3a', '#7d5ba6', '#b04a5a']

/** A bar for each server under each workload, the longest as long as there is room for. */
export function drawSvg({ results, machine, rounds, seconds }) {
  const parts = []
  let y = 30
  const text = (x, at, words, more = '') =>
    parts.push(`<text x="${x}" y="${at}" ${more}>${escaped(words)}</text>`)
  text(
    10,
    y,
    `Node ${machine.node}, ${machine.processors} × ${machine.processor}; medians of ${rounds} rounds of ${seconds} s`,
  )
  for (const { name, unit, servers } of results) {
    y += 34
    text(10, y, `${name}, ${unit}`, 'font-weight="bold"')
    const most = Math.max(...servers.map(({ rate }) => rate))
    for (const [at, server] of servers.entries()) {
      y += LINE
      const length = Math.max(1, (server.rate / most) * BAR_WIDTH)
      text(10, y, server.name)
      parts.push(
        `<rect x="${LABEL_WIDTH}" y="${y - 12}" width="${length.toFixed(1)}" height="14" fill="${colours[at % colours.length]}"/>`,
      )
      text(LABEL_WIDTH + length + 6, y, inWords(server.rate))
    }
  }
  const height = y + 24
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

const escaped = (words) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
