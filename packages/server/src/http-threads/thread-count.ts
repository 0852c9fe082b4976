export interface Machine {
  readonly cores: number
  readonly platform: NodeJS.Platform
  /** Of Node, such as `22.12.0`. */
  readonly nodeVersion: string
}

/**
 * How many threads do HTTP. By itself, all cores but one, which the engine's thread has for itself.
 *
 * @param asked As the setting has it.
 */
export function threadCount(asked: number | 'auto', machine: Machine): number {
  const wanted = asked === 'auto' ? Math.min(machine.cores - 1, AUTO_MAX) : asked
  return wanted > 1 && !canShareAddress(machine) ? 1 : wanted
}

/** The engine's thread has work for no more. */
const AUTO_MAX = 6

/** Whether threads may listen at one address, the system sharing connections out among them. */
export function canShareAddress({ platform, nodeVersion }: Machine): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isKnown = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
  return platform === 'linux' && isKnown
}
