import { appendFileSync } from 'node:fs'

/** Prints what a test saw; `AQUIFER_FIGURES` names a file to which it is added as a line of JSON. */
export function tellFigures(test: string, figures: Readonly<Record<string, number | string>>): void {
  const told = Object.entries(figures).map(([name, value]) => `${name} ${value}`)
  console.log(`${test}: ${told.join(', ')}`)
  const file = process.env.AQUIFER_FIGURES
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ test, ...figures })}\n`)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)
}

/** A size from the environment. */
export const sizeFrom = (name: string, usual: number): number => Number(process.env[name] ?? usual)
