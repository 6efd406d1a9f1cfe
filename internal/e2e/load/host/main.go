// Host is a plugin host under observation: a stack over Redis with a cache,
// plugins that share it, and an HTTP server for what they do. It prints its
// address, and ends when its standard input does or on SIGTERM; with a failure,
// if anything of it is left then.
//
//	GET /do/{operation}/{key}?within=3ms
//	GET /growth
//	GET /debug/pprof/
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/internal/leaktest"
)

// patience is how long anything may take. It is much, for the machine may have
// other things to do, and slowness is not what is looked for.
const patience = 30 * time.Second

// settings are those of the client. The buffers of its connections are the
// largest part of the heap, and it opens connections when it needs them: all
// together are less than what a heap may grow by.
const settings = "?pool_size=8&pipeline_pool_size=4&pipeline_read_buffer_size=32768&pipeline_write_buffer_size=32768" +
	"&dial_timeout=30s&pool_timeout=30s&read_timeout=30s&write_timeout=30s"

func main() {
	url := flag.String("redis", "redis://127.0.0.1:6379", "the `URL` of the Redis server, without parameters")
	flag.Parse()
	if err := run(*url); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

// run serves until it is told to end, and sees that everything ends with it.
func run(url string) error {
	signalled := make(chan os.Signal, 1)
	signal.Notify(signalled, os.Interrupt, syscall.SIGTERM)
	eof := make(chan struct{})
	go func() {
		defer close(eof)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	kept := runtime.NumGoroutine()
	err := serve(url, func(failed <-chan error) error {
		select {
		case err := <-failed:
			return err
		case <-signalled:
		case <-eof:
			kept-- // its goroutine
		}
		return nil
	})
	if !leaktest.Settles(kept) {
		err = errors.Join(err, fmt.Errorf("%d goroutines are left, want %d", runtime.NumGoroutine(), kept))
	}
	return err
}

// serve opens the store, serves as long as wait does, and closes what it opened,
// the outermost first.
func serve(url string, wait func(failed <-chan error) error) (err error) {
	ctx := context.Background()
	store, err := redisstore.Open(ctx, url+settings, redisstore.Prefix("load:"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	stack := compose(store)
	defer stack.cache.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := newServer(stack)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Println(listener.Addr())
	err = wait(failed)
	time.AfterFunc(patience+patience/2, func() { // somewhere it hangs, and nobody may be there to kill it
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		os.Exit(1)
	})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if e := server.Shutdown(ctx); e != nil {
		err = errors.Join(err, e, server.Close())
	}
	return err
}
