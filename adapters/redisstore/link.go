package redisstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// maxLeft bounds the calls that go on after their callers left. The client's
// pool bounds them already, for a call that waits for a connection ends with
// its context; this is for a client whose pool is not bounded.
const maxLeft = 1024

// A link is what a store and its views share: the client, and the account of
// the goroutines that talk to it.
type link struct {
	client   *client
	owned    bool
	maxValue int
	maxLeft  int
	maxLanes int
	greeter  greeter

	closing sync.Once
	mu      sync.Mutex
	closed  bool
	running int                      // calls with a goroutine of their own or in a group, and goroutines of batches
	left    int                      // of these, the ones whose callers have left
	idle    chan struct{}            // closed when closed && running == 0
	groups  map[*redis.Client]*group // by master; of one server nil

	landings sync.Pool // of channels at which callers wait

	totalLeft uint64 // how many were left so far
}

func newLink(c redis.UniversalClient, owned bool, maxValue int) *link {
	client := newClient(c)
	return &link{
		client: client, owned: owned, maxValue: maxValue,
		maxLeft: maxLeft, maxLanes: client.lanes(),
		idle: make(chan struct{}), groups: make(map[*redis.Client]*group),
	}
}

func (l *link) close() error {
	var err error
	l.closing.Do(func() {
		l.mu.Lock()
		l.closed = true
		if l.running == 0 {
			close(l.idle)
		}
		l.mu.Unlock()
		if l.owned {
			// Its connections break, and so what is left running ends at once.
			err = l.client.Close()
		}
		<-l.idle
	})
	if err == nil || errors.Is(err, redis.ErrClosed) {
		return nil
	}
	return l.fail(context.Background(), step("close"), err, nil)
}

func (l *link) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// begin admits a call; one with a goroutine of its own calls end when it is over.
func (l *link) begin(op fmt.Stringer, goroutine bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.admit(op, goroutine)
	if err == nil && goroutine {
		l.running++
	}
	return err
}

// admit refuses a call after Close, and one whose caller may leave, if too many
// have. The caller holds l.mu.
func (l *link) admit(op fmt.Stringer, endable bool) error {
	switch {
	case l.closed:
		return fmt.Errorf("redisstore: %s: %w", op, storage.ErrClosed)
	case endable && l.left >= l.maxLeft:
		return fmt.Errorf("redisstore: %s: %w: %d calls whose callers have left are still running", op, storage.ErrOverloaded, l.left)
	}
	return nil
}

func (l *link) end(left bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left {
		l.left--
	}
	l.finish(1)
}

// finish counts n of running as over. The caller holds l.mu.
func (l *link) finish(n int) {
	l.running -= n
	if l.closed && l.running == 0 {
		close(l.idle)
	}
}

// leave counts a call as left, and stay takes that back.
func (l *link) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left++
	l.totalLeft++
}

func (l *link) stay() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left--
	l.totalLeft--
}
