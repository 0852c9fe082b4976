import { inWords } from './figures.mjs'
import { escaped, picture } from './picture.mjs'

const PANEL = { width: 400, height: 230 }
const PLOT = { left: 64, top: 34, width: 310, height: 140 }
const colours = ['#0b6fa4', '#c06c2b', '#5b8c3a', '#7d5ba6', '#9aa5ad']

/**
 * Curves in panels, two beside each other.
 *
 * @param panels each `{ title, xLabel, x: 'log' | 'linear', y: 'log' | 'linear', lines: [{ name, points: [[x, y]] }] }`;
 *   a linear axis of y begins at nought
 */
export function drawCurves({ title, panels }) {
  const drawn = panels.map((panel, at) => {
    const [column, row] = [at % 2, Math.floor(at / 2)]
    return `<g transform="translate(${column * PANEL.width} ${40 + row * PANEL.height})">${drawPanel(panel)}</g>`
  })
  const height = 40 + Math.ceil(panels.length / 2) * PANEL.height
  return picture({ width: 2 * PANEL.width, height, title, parts: drawn })
}

function drawPanel({ title, xLabel, x, y, lines }) {
  const points = lines.flatMap((line) => line.points)
  const across = scale(x, range(points, 0, x), [PLOT.left, PLOT.left + PLOT.width])
  const up = scale(y, range(points, 1, y), [PLOT.top + PLOT.height, PLOT.top])
  const parts = [`<text x="${PLOT.left}" y="16" font-weight="bold">${escaped(title)}</text>`]
  for (const tick of up.ticks) {
    const at = up.at(tick).toFixed(1)
    parts.push(`<path d="M${PLOT.left} ${at}h${PLOT.width}" stroke="#dddddd"/>`)
    parts.push(
      `<text x="${PLOT.left - 6}" y="${Number(at) + 4}" text-anchor="end" font-size="11">${shortly(tick)}</text>`,
    )
  }
  const bottom = PLOT.top + PLOT.height
  for (const tick of across.ticks)
    parts.push(
      `<text x="${across.at(tick).toFixed(1)}" y="${bottom + 16}" text-anchor="middle" font-size="11">${shortly(tick)}</text>`,
    )
  parts.push(
    `<text x="${PLOT.left + PLOT.width}" y="${bottom + 32}" text-anchor="end" font-size="11">${escaped(xLabel)}</text>`,
  )
  let legendAt = PLOT.left
  for (const [n, { name, points }] of lines.entries()) {
    const colour = colours[n % colours.length]
    const path = points.map(([px, py]) => `${across.at(px).toFixed(1)} ${up.at(py).toFixed(1)}`).join('L')
    parts.push(
      `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="${points.length > 50 ? 1 : 2}"/>`,
    )
    if (points.length <= 50)
      for (const [px, py] of points)
        parts.push(
          `<circle cx="${across.at(px).toFixed(1)}" cy="${up.at(py).toFixed(1)}" r="3" fill="${colour}"/>`,
        )
    parts.push(`<rect x="${legendAt}" y="${PLOT.top - 11}" width="9" height="9" fill="${colour}"/>`)
    parts.push(`<text x="${legendAt + 13}" y="${PLOT.top - 3}" font-size="11">${escaped(name)}</text>`)
    legendAt += 26 + name.length * 6.5
  }
  return parts.join('')
}

function range(points, axis, kind) {
  const values = points.map((point) => point[axis])
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
  if (kind === 'linear') return [axis === 0 ? least : 0, niceAbove(most)]
  return [10 ** Math.floor(Math.log10(least) + 1e-9), 10 ** Math.ceil(Math.log10(most) - 1e-9)]
}

/** The next round number, of a row that is close enough to leave little empty. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value))
  return (
    [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10].map((each) => each * power).find((each) => each >= value) ??
    value
  )
}

function scale(kind, [least, most], [from, to]) {
  const measure = kind === 'log' ? Math.log10 : (value) => value
  const share = (value) => (measure(value) - measure(least)) / (measure(most) - measure(least) || 1)
  return { at: (value) => from + share(value) * (to - from), ticks: ticks(kind, least, most) }
}

function ticks(kind, least, most) {
  if (kind === 'linear') return [0, 0.25, 0.5, 0.75, 1].map((share) => least + share * (most - least))
  const marks = []
  for (let at = least; at <= most * 1.0001; at *= 10) marks.push(at)
  return marks
}

const shortly = (value) => (value >= 1e6 ? `${inWords(value / 1e6)} M` : inWords(value))
