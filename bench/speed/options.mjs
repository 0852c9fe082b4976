import { parseArgs } from 'node:util'
import { resultsDirectory } from '../report/options.mjs'
import { running } from './servers/peers.mjs'
import { workloads } from './workloads.mjs'

const help = `Usage: npx -y pnpm@12 bench [options]

Measures Aquifer beside every other server that is installed (s3s-fs, Garage, s3rver: bench/peers/install), a bare Node
server and what the disk allows. Every server gets a fresh directory and the same requests, in turn, from the same load
generator. Then the engine without HTTP. Prints tables; saves JSON and pictures.

  --quick          one round of 1 second each and fewer objects: under 3 minutes in all
  --rounds N       rounds of each workload (default 3)
  --seconds N      how long each round loads a server (default 5)
  --only WORD      only workloads whose name holds it, "engine" among them; may be given again
  --without NAME   leaves out a server that is installed; may be given again
  --peer P         a server that is running already: NAME=URL,ACCESS-KEY,SECRET-KEY[,REGION]; may be given again
  --payload HOW    signed: the signature covers the SHA-256 of each body (default); unsigned: it does not
  --directory DIR  where the servers keep their data; removed afterwards (default: in the system's temporary directory)
  --add            keeps what an earlier run left in the results and was not measured again: for going on piece by piece
  --out DIR        where results.json, .svg and .png go (default bench/results)
  --help

Workloads: ${workloads.map(({ name }) => name).join('; ')}; engine.
Nothing else should run on the machine. The peers that compile take a quarter of an hour to install.
`

/** What the command line asks for; ends the program where it asks for help. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', multiple: true, default: [] },
      peer: { type: 'string', multiple: true, default: [] },
      payload: { type: 'string', default: 'signed' },
      directory: { type: 'string' },
      add: { type: 'boolean', default: false },
      out: { type: 'string', default: resultsDirectory },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    process.exit(0)
  }
  if (!['signed', 'unsigned'].includes(values.payload))
    throw new TypeError('--payload is signed or unsigned.')
  const isChosen = (name) =>
    values.only.length === 0 || values.only.some((word) => name.toLowerCase().includes(word.toLowerCase()))
  return {
    ...values,
    rounds: positive('rounds', values.rounds ?? (values.quick ? 1 : 3)),
    seconds: positive('seconds', values.seconds ?? (values.quick ? 1 : 5)),
    peers: values.peer.map(running),
    isLeftOut: (name) => values.without.some((word) => word.toLowerCase() === name.toLowerCase()),
    withEngine: isChosen('engine'),
    isWhole: workloads.every(({ name }) => isChosen(name)),
    workloads: workloads
      .filter(({ name }) => isChosen(name))
      .map((workload) => (values.quick ? { ...workload, keys: workload.quickKeys } : workload)),
  }
}

function positive(name, text) {
  const value = Number(text)
  if (!(value > 0)) throw new TypeError(`--${name} is a number above nought.`)
  return value
}
