package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

var update = flag.Bool("update", false, "write testdata/output.txt")

const output = "testdata/output.txt"

func TestMemory(t *testing.T) {
	got := serve(t, "")
	if *update {
		if err := os.WriteFile(output, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, got)
}

func TestRedis(t *testing.T) {
	server := redistest.Start(t)
	compare(t, serve(t, server.URL()))
	compare(t, serve(t, server.URL()))

	store, err := redisstore.Open(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	left := 0
	for _, err := range storage.Keys(t.Context(), store, "") {
		if err != nil {
			t.Fatal(err)
		}
		left++
	}
	if left > 0 {
		t.Errorf("%d keys are left on the server", left)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err = run(ctx, new(bytes.Buffer), "redis://"+address)
	if !errors.Is(err, storage.ErrUnavailable) || ctx.Err() != nil {
		t.Errorf("%v, want %v at once", err, storage.ErrUnavailable)
	}
}

func serve(t *testing.T, url string) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := run(t.Context(), &w, url); err != nil {
		t.Fatalf("%v\n%s", err, &w)
	}
	return w.Bytes()
}

func compare(t *testing.T, got []byte) {
	t.Helper()
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if !bytes.Equal(got, want) {
		t.Errorf("the program prints\n%s\nand %s is\n%s\n(go test -update writes it)", got, output, want)
	}
}
