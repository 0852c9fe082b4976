import { cpus, totalmem } from 'node:os'

/** What a figure means depends on it. */
export const machine = () => ({
  node: process.version,
  processors: cpus().length,
  processor: cpus()[0].model,
  memoryMib: Math.round(totalmem() / 2 ** 20),
  platform: `${process.platform} ${process.arch}`,
})

export const machineInWords = () => {
  const { node, processors, processor, memoryMib, platform } = machine()
  return `Node ${node} on ${platform}, ${processors} × ${processor}, ${memoryMib} MiB`
}
