package xsync

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

const key = "key"

// engines are the decorators under test.
var engines = map[string]func(storage.ByteStore) storage.ByteStore{
	"textbook": func(next storage.ByteStore) storage.ByteStore { return &textbook{next: next} },
	"repaired": func(next storage.ByteStore) storage.ByteStore { return &repaired{textbook{next: next}} },
	"ours":     func(next storage.ByteStore) storage.ByteStore { return singleflight.New(next) },
}

// TestLaws runs each promise on each engine. A failure here says that the
// decision record is wrong or out of date.
func TestLaws(t *testing.T) {
	laws := []struct {
		name     string
		broken   func(*testing.T, *backend, storage.ByteStore) bool
		breakers []string
	}{
		{"a cancelled leader fails nobody else", cancelledLeader, []string{"textbook"}},
		{"a follower leaves when its own context ends", leavingFollower, []string{"textbook"}},
		{"a load that nobody waits for is cancelled", unwantedLoad, []string{"repaired"}},
		{"reads do not go backwards", crossingLoads, []string{"textbook", "repaired"}},
		{"Goexit in a load leaves nobody waiting", goexit, []string{"repaired"}},
	}
	for _, law := range laws {
		for name, engine := range engines {
			t.Run(law.name+"/"+name, func(t *testing.T) {
				breaks := false
				for _, breaker := range law.breakers {
					breaks = breaks || breaker == name
				}
				synctest.Test(t, func(t *testing.T) {
					b := newBackend()
					if got := law.broken(t, b, engine(b)); got != breaks {
						t.Errorf("broken: %t, want %t", got, breaks)
					}
				})
			})
		}
	}
}

// cancelledLeader: two callers share a load, and the one who came first is
// cancelled.
func cancelledLeader(t *testing.T, b *backend, s storage.ByteStore) bool {
	ctx, cancel := context.WithCancel(t.Context())
	leader := get(ctx, s)
	follower := get(t.Context(), s)
	cancel()
	synctest.Wait()
	b.release(1)
	<-leader
	return (<-follower).err != nil
}

// leavingFollower: the context of the one who came second ends.
func leavingFollower(t *testing.T, b *backend, s storage.ByteStore) bool {
	leader := get(t.Context(), s)
	ctx, cancel := context.WithCancel(t.Context())
	follower := get(ctx, s)
	cancel()
	synctest.Wait()
	left := len(follower) == 1
	b.release(1)
	<-leader
	return !left
}

// unwantedLoad: every caller has left. What the load does for nobody is work
// that nothing bounds.
func unwantedLoad(t *testing.T, b *backend, s storage.ByteStore) bool {
	ctx, cancel := context.WithCancel(t.Context())
	get(ctx, s)
	cancel()
	synctest.Wait()
	running := b.running
	b.release(1)
	return running > 0
}

// crossingLoads: a write detaches load 1, so that load 2 begins beside it.
// Another client writes after load 2 has read and before load 1 does. Who had
// the answer of load 1 and asks again gets that of load 2, which is older.
func crossingLoads(t *testing.T, b *backend, s storage.ByteStore) bool {
	one := get(t.Context(), s)
	if err := s.Set(t.Context(), key, []byte("old"), storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	get(t.Context(), s)
	close(b.read[2])
	synctest.Wait()
	b.value = "new" // by another client
	b.release(1)
	before := <-one
	again := get(t.Context(), s)
	close(b.reply[2])
	after := <-again
	if before.value != "new" {
		t.Fatalf("load 1 has %q, %v", before.value, before.err)
	}
	return after.value == "old"
}

// goexit: a load ends by runtime.Goexit, as t.FailNow in a callback does.
func goexit(t *testing.T, b *backend, s storage.ByteStore) bool {
	b.instead = runtime.Goexit
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	caller := get(ctx, s)
	b.release(1)
	synctest.Wait()
	_, textbook := s.(*textbook) // its loads run in the caller, which ends with them
	return !textbook && len(caller) == 0
}

// TestPanicEndsProcess shows that a panic in a load under DoChan cannot be
// recovered by anybody: it runs itself again and sees that process end.
func TestPanicEndsProcess(t *testing.T) {
	const env = "TUNICA_XSYNC_PANIC"
	b := newBackend()
	b.instead = func() { panic("in a load") }
	b.release(1)
	if engine := os.Getenv(env); engine != "" {
		defer func() { t.Logf("recovered: %v", recover() != nil) }()
		_, _ = engines[engine](b).Get(t.Context(), key)
		return
	}
	for engine, survives := range map[string]bool{"textbook": true, "repaired": false, "ours": true} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanicEndsProcess$", "-test.v")
		cmd.Env = append(os.Environ(), env+"="+engine)
		out, err := cmd.CombinedOutput()
		if recovered := strings.Contains(string(out), "recovered: true"); recovered != survives || (err == nil) != survives {
			t.Errorf("%s: recovered %t, %v; want %t\n%s", engine, recovered, err, survives, out)
		}
	}
}

// answer is what a Get returned.
type answer struct {
	value string
	err   error
}

// get begins a Get and returns when it waits.
func get(ctx context.Context, s storage.ByteStore) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		value, err := s.Get(ctx, key)
		answers <- answer{string(value), err}
	}()
	synctest.Wait()
	return answers
}

// backend is a store whose n-th Get, counted from 1, waits for read[n] before
// it reads and for reply[n] before it answers.
type backend struct {
	value       string
	gets        int
	running     int
	read, reply []chan struct{}
	instead     func() // of reading
}

func newBackend() *backend {
	b := &backend{value: "old"}
	for range 4 {
		b.read = append(b.read, make(chan struct{}))
		b.reply = append(b.reply, make(chan struct{}))
	}
	return b
}

func (b *backend) release(n int) {
	close(b.read[n])
	close(b.reply[n])
}

// Get needs no lock: the tests let one goroutine run at a time.
func (b *backend) Get(ctx context.Context, _ string) ([]byte, error) {
	b.gets++
	b.running++
	defer func() { b.running-- }()
	n := b.gets
	if err := wait(ctx, b.read[n]); err != nil {
		return nil, err
	}
	if b.instead != nil {
		b.instead()
	}
	value := b.value
	if err := wait(ctx, b.reply[n]); err != nil {
		return nil, err
	}
	return []byte(value), nil
}

func wait(ctx context.Context, gate <-chan struct{}) error {
	select {
	case <-gate:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *backend) Set(_ context.Context, _ string, value []byte, _ time.Duration) error {
	b.value = string(value)
	return nil
}

func (b *backend) Delete(context.Context, string) error { return errors.ErrUnsupported }
