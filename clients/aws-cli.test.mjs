import { awsCli, connectAwsCli } from './aws-cli.mjs'
import { unless } from './harness/programs.mjs'
import { testClient } from './scenarios.mjs'

testClient({
  name: 'aws-cli',
  skip: unless(awsCli, 'aws-cli'),
  cannot: { presignPut: 'aws-cli presigns GET alone' },
  async connect(place) {
    const aws = await connectAwsCli(place)
    return {
      put: (bucket, key, path) => aws(['s3', 'cp', path, `s3://${bucket}/${key}`]),
      get: (bucket, key, path) => aws(['s3', 'cp', `s3://${bucket}/${key}`, path]),
      copy: (bucket, from, to) => aws(['s3', 'cp', `s3://${bucket}/${from}`, `s3://${bucket}/${to}`]),
      deleteAll: (bucket, prefix) => aws(['s3', 'rm', '--recursive', `s3://${bucket}/${prefix}`]),
      async list(bucket, prefix) {
        const answer = await aws(['s3api', 'list-objects-v2', '--bucket', bucket, '--prefix', prefix])
        return (JSON.parse(answer || '{}').Contents ?? []).map(({ Key }) => Key)
      },
      presignGet: async (bucket, key) => (await aws(['s3', 'presign', `s3://${bucket}/${key}`])).trim(),
    }
  },
})
