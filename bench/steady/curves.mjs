import { drawCurves } from '../report/draw-curves.mjs'

/** What a run of steady writes found, second by second. */
export function steadyCurves({ machine, sizeBytes, concurrency, keys, bySecond }) {
  const line = (name, of) => ({
    name,
    points: bySecond.flatMap((each, second) => (each[of] == null ? [] : [[second, each[of]]])),
  })
  const panel = (title, y, lines) => ({ title, xLabel: 'seconds', x: 'linear', y, lines })
  const { node, processors, processor } = machine
  return drawCurves({
    title: `Durable puts of ${sizeBytes} bytes, ${concurrency} at once, ${keys} keys. Node ${node}, ${processors} × ${processor}`,
    panels: [
      panel('Puts in each second', 'linear', [line('puts', 'puts')]),
      panel('Put, milliseconds', 'log', [
        line('p50', 'p50Ms'),
        line('p99', 'p99Ms'),
        line('longest', 'mostMs'),
      ]),
      panel('Append and sync beside it, longest, ms', 'log', [line('4 KiB, ten times a second', 'probeMs')]),
      panel('Load of the machine', 'linear', [line('of a minute', 'load')]),
    ],
  })
}
