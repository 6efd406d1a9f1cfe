// Quickstart is a small plugin host. Two plugins, one for sessions and one
// that counts visits, share one stack of storage; each holds only its own
// part. The program serves the requests of testdata/script.txt, and shows
// after each what it did in the stack.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -redis redis://127.0.0.1:6379
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

//go:embed testdata/script.txt
var script string

func main() {
	url := flag.String("redis", "", "URL of a Redis server, such as redis://127.0.0.1:6379; without it everything is in memory")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *url); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run serves the script on the backend at url and writes to w what happens,
// which is the same on every backend.
func run(ctx context.Context, w io.Writer, url string) (err error) {
	b, err := open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()

	spans := new(spanTree)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	stack, c := compose(b, provider)
	defer c.Close()

	h := newHost(stack, provider, spans, w)
	fmt.Fprint(w, picture)
	if err := h.serve(ctx, script); err != nil {
		return err
	}
	printStats(w, c.Stats())
	return nil
}
