import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { testClient } from './scenarios.mjs'

const python = findPython('python')
const version = '1.43.11'
testClient({
  name: `boto3 ${version}`,
  skip: unless(python, 'boto3'),
  connect: connectBoto3(python, version),
})
