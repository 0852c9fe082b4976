import { inWords } from '../report/figures.mjs'
import { escaped, picture } from '../report/picture.mjs'

const WIDTH = 860
const LABEL_WIDTH = 150
const BAR_WIDTH = 560
const LINE = 18
const GREY = '#9aa5ad'
const colours = ['#0b6fa4', '#c06c2b', '#5b8c3a', '#7d5ba6', '#b04a5a']

/** A bar for each server under each workload, the longest as long as there is room for; what is a limit is grey. */
export function drawBars({ results, memory = [], machine, rounds, seconds }) {
  const names = [...new Set(results.flatMap(({ servers }) => servers.map(({ name }) => name)))]
  const colourOf = (name) =>
    name === 'bare Node' || !names.includes(name) ? GREY : colours[names.indexOf(name) % colours.length]
  const groups = [
    ...results.map(({ name, unit, servers, limit }) => ({
      title: `${name}, ${unit}`,
      bars: [
        ...servers.map((server) => ({ name: server.name, value: server.rate })),
        ...(limit === undefined ? [] : [{ name: 'the disk', value: limit.rate }]),
      ],
    })),
    ...(memory.length === 0
      ? []
      : [
          {
            title: 'Resident memory after all, MiB',
            bars: memory.map(({ name, residentMib }) => ({ name, value: residentMib ?? 0 })),
          },
        ]),
  ]
  const parts = []
  let y = 30
  for (const { title, bars } of groups) {
    y += 34
    parts.push(`<text x="10" y="${y}" font-weight="bold">${escaped(title)}</text>`)
    // A limit far beyond would leave nothing to see of the rest: its bar is cut, its figure is there.
    const most =
      Math.max(...bars.filter(({ name }) => colourOf(name) !== GREY).map(({ value }) => value)) * 2.5
    const longest = Math.min(most, Math.max(...bars.map(({ value }) => value)))
    for (const { name, value } of bars) {
      y += LINE
      const length = Math.max(1, Math.min(1, value / longest) * BAR_WIDTH)
      const figure = `${inWords(value)}${value > longest ? ' →' : ''}`
      parts.push(`<text x="10" y="${y}">${escaped(name)}</text>`)
      parts.push(
        `<rect x="${LABEL_WIDTH}" y="${y - 12}" width="${length.toFixed(1)}" height="14" fill="${colourOf(name)}"/>`,
      )
      parts.push(`<text x="${(LABEL_WIDTH + length + 6).toFixed(1)}" y="${y}">${figure}</text>`)
    }
  }
  const title = `Node ${machine.node}, ${machine.processors} × ${machine.processor}; medians of ${rounds} rounds of ${seconds} s`
  return picture({ width: WIDTH, height: y + 24, title, parts })
}
