import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { testClient } from './scenarios.mjs'

const python = findPython('boto3-1.35')
const version = '1.35.99'
testClient({
  name: `boto3 ${version}`,
  skip: unless(python, 'boto3'),
  connect: connectBoto3(python, version),
})
