#!/usr/bin/env node
import { runCommand } from './command.js'
import { confirmClock } from './confirm-clock.js'
import { discardKeys } from './discard-keys.js'
import { explainLoggedRequest } from './explain-logged-request.js'
import { administer } from './identity/administer.js'
import { openLog, standardError } from './log.js'
import { rebuildIndex } from './rebuild-index.js'
import { resealKeys } from './reseal-keys.js'
import { serve } from './serve.js'
import { explainSettings } from './settings/explain-settings.js'
import { readSettings, unknownVariables } from './settings/read-settings.js'
import { discardKeysSettings, resealKeysSettings } from './settings/reseal-keys-settings.js'
import { serveSettings } from './settings/serve-settings.js'
import {
  confirmClockSettings,
  rebuildIndexSettings,
  statSettings,
  verifySettings,
} from './settings/store-settings.js'
import { listenForStop } from './signals.js'
import { stat } from './stat.js'
import { verify } from './verify.js'

const { stdin, stdout, stderr, env } = process
// Who reads the banner may leave before the server does, as "aquifer serve | head" shows.
stdout.on('error', () => {})

process.exitCode = await runCommand(
  process.argv.slice(2),
  {
    async serve(given, environment) {
      const settings = readSettings(serveSettings, given, environment)
      const logLines = standardError()
      const log = openLog(settings, stderr.isTTY, logLines)
      for (const name of unknownVariables(environment))
        log.warn({ name }, 'there is no such setting: ignored')
      const stopping = listenForStop(() => log.warn('forced to stop: running requests were cut off'))
      const onTerminal = stderr.isTTY === true
      await serve(settings, { log, logLines, onTerminal, stdout, stopping, environment })
    },
    // These listen for no signal: a store may be left at any time.
    verify: (given, environment) =>
      verify(readSettings(verifySettings, given, environment), { stdout, stderr }),
    stat: (given, environment) => stat(readSettings(statSettings, given, environment), { stdout }),
    rebuildIndex: (given, environment) =>
      rebuildIndex(readSettings(rebuildIndexSettings, given, environment), { stdout, stderr }),
    confirmClock: (given, environment) =>
      confirmClock(readSettings(confirmClockSettings, given, environment), { stdout }),
    async explainSignature(given, environment) {
      const settings = readSettings(explainSettings, given, environment)
      if (settings.request === undefined && stdin.isTTY)
        stderr.write('Paste the request, then end it with Ctrl-D.\n')
      stdout.write(await explainLoggedRequest(settings, stdin))
    },
    discardKeys: (given, environment) =>
      discardKeys(readSettings(discardKeysSettings, given, environment), { stdout }),
    resealKeys: (given, environment) =>
      resealKeys(readSettings(resealKeysSettings, given, environment), { stdout }),
    administer: (command, given, environment) =>
      administer(command, given, environment, { stdin, stdout, stderr }),
  },
  { out: (text) => stdout.write(text), err: (text) => stderr.write(text) },
  env,
)
