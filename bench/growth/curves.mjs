import { drawCurves } from '../report/draw-curves.mjs'

/** What a growth run found, as curves over the number of objects. */
export function growthCurves({ machine, sizeBytes, sizes }) {
  const line = (name, of) => ({ name, points: sizes.map((size) => [size.objects, of(size)]) })
  const panel = (title, lines, y = 'linear') => ({ title, xLabel: 'objects', x: 'log', y, lines })
  return drawCurves({
    title: `One store as it grows, bodies of ${sizeBytes} bytes. Node ${machine.node}, ${machine.processors} × ${machine.processor}`,
    panels: [
      panel('Durable puts, a second, 32 at once', [
        line('replacing', ({ measured }) => measured.put.perSecond),
        line('filling, 128 at once', ({ fill }) => fill.perSecond),
        line('limit: 32 appended', ({ appendsPerSecond }) => appendsPerSecond * 32),
      ]),
      panel('Gets, a second, 32 at once', [line('get, bytes()', ({ measured }) => measured.get.perSecond)]),
      panel('Listed objects, a second', [
        line('pages of 1,000', ({ measured }) => measured.list.rowsPerSecond),
      ]),
      panel('Put, milliseconds', [
        line('p50', ({ measured }) => measured.put.p50Ms),
        line('p99', ({ measured }) => measured.put.p99Ms),
      ]),
      panel('Opening, milliseconds', [line('open', ({ measured }) => measured.openMs)]),
      panel('Resident memory, MiB', [
        line('after opening', ({ measured }) => measured.openedMib),
        line('peak', ({ measured }) => measured.peakMib),
        line('at the end, without mapped files', ({ measured }) => measured.withoutFilesMib),
      ]),
      panel(
        'Disk, MiB',
        [
          line('all', ({ diskMib }) => diskMib.all),
          line('index', ({ diskMib }) => diskMib.index),
          line('bodies', ({ objects }) => (objects * sizeBytes) / 2 ** 20),
        ],
        'log',
      ),
      panel('Get, milliseconds', [
        line('p50', ({ measured }) => measured.get.p50Ms),
        line('p99', ({ measured }) => measured.get.p99Ms),
      ]),
    ],
  })
}
