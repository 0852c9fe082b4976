import * as s3 from '@aws-sdk/client-s3'
import * as storage from '@aws-sdk/lib-storage'
import * as presigner from '@aws-sdk/s3-request-presigner'
import { connectAwsSdk } from './aws-sdk.mjs'
import { testClient } from './scenarios.mjs'

testClient({ name: 'AWS SDK for JavaScript', connect: connectAwsSdk({ s3, storage, presigner }) })
