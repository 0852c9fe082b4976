import type { Health } from '@aquifer/engine'

export const whole: Health = { isServing: true, writes: 'all', isVerified: true, quarantinedFiles: 0 }

/**
 * One line says whether requests are answered; each further one tells of something that a person should see to. A
 * store that cannot be written stays ready: it can be read, and only the next write has it try again.
 */
export function describeHealth({ isServing, writes, isVerified, quarantinedFiles }: Health): string[] {
  const lines = [isServing ? 'ready' : 'recovering: the index is made anew']
  if (writes === 'freeing') lines.push('storage full: only deletions are carried out')
  if (writes === 'none') lines.push('writes fail: the disk refuses them')
  if (isServing && !isVerified) lines.push('unverified: the index has not been read back yet')
  if (quarantinedFiles > 0) lines.push(`quarantine: ${quarantinedFiles} damaged files are kept there`)
  return lines
}
