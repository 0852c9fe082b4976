import { connectAwsSdk } from './aws-sdk.mjs'
import * as modules from './aws-sdk-3.726/index.mjs'
import { testClient } from './scenarios.mjs'

testClient({ name: 'AWS SDK for JavaScript 3.726', connect: connectAwsSdk(modules) })
