// minio-go by name: the first argument is a call, the others are what it is given, and its answer goes out as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

type call struct {
	arguments int
	do        func(ctx context.Context, s3 *minio.Client, arguments []string) (any, error)
}

func main() {
	if len(os.Args) < 2 {
		fail("say which call")
	}
	found, known := calls[os.Args[1]]
	if !known || len(os.Args)-2 != found.arguments {
		fail("no such call: %v", os.Args[1:])
	}
	endpoint, err := url.Parse(os.Getenv("S3_ENDPOINT"))
	if err != nil {
		fail("%v", err)
	}
	keys, err := keysOf(endpoint)
	if err != nil {
		fail("%v", err)
	}
	s3, err := minio.New(endpoint.Host, &minio.Options{
		Creds:  keys,
		Secure: endpoint.Scheme == "https",
		Region: os.Getenv("AWS_REGION"),
		// Appends need it.
		TrailingHeaders: true,
	})
	if err != nil {
		fail("%v", err)
	}
	answer, err := found.do(context.Background(), s3, os.Args[2:])
	if err != nil {
		fail("%s: %v", minio.ToErrorResponse(err).Code, err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fail("%v", err)
	}
}

// Of the environment as they are or, where it holds a policy for one, of a session that is begun with them.
func keysOf(endpoint *url.URL) (*credentials.Credentials, error) {
	policy, isSession := os.LookupEnv("SESSION_POLICY")
	if !isSession {
		return credentials.NewEnvAWS(), nil
	}
	return credentials.NewSTSAssumeRole(endpoint.String(), credentials.STSAssumeRoleOptions{
		AccessKey:       os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretKey:       os.Getenv("AWS_SECRET_ACCESS_KEY"),
		Location:        os.Getenv("AWS_REGION"),
		Policy:          policy,
		DurationSeconds: 900,
	})
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
