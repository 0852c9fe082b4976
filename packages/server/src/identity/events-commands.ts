import { identityCommand } from './identity-command.js'
import { nameArgument, textFlag } from './identity-settings.js'
import { facts, tell } from './printing.js'

interface TargetShown {
  name: string
  kind: string
  isConfigured: boolean
  waiting: number
  deadLetters: number
  backlogMax: number
  whenFull: string
  gaps: { from: string; to: string; count: number }[]
  lastError?: { message: string; at: string; nextTry: string }
}

interface LetterShown {
  target: string
  id: string
  event: { name: string; time: string; bucket: string; key: string }
  attempts: number
  error: string
}

const target = textFlag('<arn>', 'of this target alone')

const targetLines = ({ name, lastError, gaps, ...shown }: TargetShown): string[] => [
  name,
  ...facts({
    kind: shown.isConfigured ? shown.kind : `${shown.kind}, not configured`,
    waiting: `${shown.waiting} of ${shown.backlogMax}`,
    'dead letters': shown.deadLetters,
    'when full': shown.whenFull,
    'last error': lastError && `${lastError.message} (${lastError.at}; next try ${lastError.nextTry})`,
  }),
  ...gaps.flatMap(({ from, to, count }) => facts({ dropped: `${count} from ${from} to ${to}` })),
]

export const eventsCommands = {
  'events status': identityCommand({
    description: 'Tell of each target of events what waits for it, what was given up, and what went wrong.',
    settings: {},
    async carryOut(_settings, desk) {
      const answer: { targets: TargetShown[] } = await desk.ask('events/status', {})
      tell(desk, answer, ({ targets }) =>
        targets.length === 0 ? ['There is no target.'] : targets.flatMap(targetLines),
      )
    },
  }),
  'events dead-letters': identityCommand({
    description: 'List the events that were given up.',
    settings: { target },
    async carryOut({ target }, desk) {
      const answer: { entries: LetterShown[]; isTruncated: boolean } = await desk.ask('events/dead-letters', {
        target,
      })
      tell(desk, answer, ({ entries, isTruncated }) => [
        ...entries.flatMap(({ target, id, event, attempts, error }) => [
          `${target} ${id}`,
          ...facts({
            event: `${event.name} ${event.bucket}/${event.key}`,
            time: event.time,
            tries: attempts,
            error,
          }),
        ]),
        ...(isTruncated ? ['There are more.'] : []),
      ])
    },
  }),
  'events redrive': identityCommand({
    description: 'Have events that were given up delivered again.',
    settings: { target, id: textFlag('<id>', 'this one alone, with --target') },
    async carryOut({ target, id }, desk) {
      const answer: { redriven: number } = await desk.ask('events/redrive', { target, id })
      tell(desk, answer, ({ redriven }) => [`${redriven} events will be delivered again.`])
    },
  }),
  'events unsubscribe': identityCommand({
    description: 'Forget a subscriber that has gone, and what waits for it.',
    settings: { subscriber: nameArgument('<name>', 'the name of the subscriber') },
    async carryOut({ subscriber }, desk) {
      tell(desk, await desk.ask('events/unsubscribe', { subscriber }), () => [`${subscriber} is forgotten.`])
    },
  }),
}
