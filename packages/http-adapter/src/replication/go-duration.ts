import { invalidArgument } from '../s3-error.js'

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * A stretch of time as Go writes it: `240h`, `1h30m`, `1.5s`.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function readGoDuration(name: string, text: string | undefined): number | undefined {
  if (!text) return undefined
  if (text === '0') return 0
  if (text.length > 64 || !/^(?:\d{1,15}(?:\.\d{0,9})?(?:ns|us|µs|ms|s|m|h))+$/.test(text))
    throw invalidArgument('That is no duration, such as 240h or 1h30m.', name, text)
  const pieces = text.matchAll(/([\d.]+)(\D+)/g)
  return Math.floor(
    Array.from(pieces).reduce((sum, [, count, unit]) => sum + Number(count) * unitsMs[unit!]!, 0),
  )
}
