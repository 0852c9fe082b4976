import { setTimeout as delay } from 'node:timers/promises'
import { type Desk, identityCommand } from '../identity/identity-command.js'
import { switchSetting } from '../settings/setting.js'
import { someBucketArgument } from './replication-settings.js'
import { type StatusShown, statusLines } from './replication-shown.js'

const WATCH_MS = 2_000

export const statusCommand = identityCommand({
  description:
    'Tell how far behind each target is, what waits for it, what failed, and what went wrong last.',
  settings: {
    bucket: someBucketArgument,
    check: switchSetting('call each target, and tell what is wrong with it'),
    watch: switchSetting('tell it anew every two seconds, until Ctrl-C'),
  },
  more: `Waiting are versions that the target does not have yet, among them those under way; lag is the time from the commit to the
target's answer, of the last minutes. What --check finds is told in a line "check", in JSON as "check", which is "ok" where nothing is
wrong; the exit code is 0 all the same.

  aquifer replicate status s3://photos --watch --url http://127.0.0.1:9000
  aquifer replicate status --json --url http://127.0.0.1:9000      one object a line, one for each target`,
  async carryOut({ bucket, check, watch }, desk) {
    const input = { ...(bucket === undefined ? {} : { bucket }), check }
    let drawn = 0
    for (;;) {
      const { targets }: { targets: StatusShown[] } = await desk.ask('replicate/status', input)
      const lines = linesOf(targets, desk)
      // A person sees the same lines change; a file gets them one after the other.
      if (watch && desk.out.isTTY === true && drawn > 0) desk.out.write(`\u001b[${drawn}A\u001b[J`)
      for (const line of lines) desk.say(line)
      if (!watch) return
      drawn = rowsOf(lines, desk)
      await delay(WATCH_MS)
    }
  },
})

function linesOf(targets: readonly StatusShown[], desk: Desk): string[] {
  if (desk.json) return targets.map((target) => JSON.stringify(target))
  if (targets.length === 0) return ['There is no target.']
  return targets.flatMap((target) => statusLines(target, new Date()))
}

/** A line that is longer than the terminal is wide takes several rows. Some that nobody looks at say that they are 0 wide. */
const rowsOf = (lines: readonly string[], { out: { columns } }: Desk): number =>
  lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / (columns || 80))), 0)
