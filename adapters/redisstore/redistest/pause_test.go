package redistest

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	s := Start(t)
	c := dial(t, s.Addr())
	s.Pause()
	s.Pause() // does nothing
	wantSilence(t, c)
	// A new connection is accepted by the operating system, and hangs too.
	late := dial(t, s.Addr())
	wantSilence(t, late)

	s.Resume()
	s.Resume() // does nothing
	for name, c := range map[string]*client{"old": c, "late": late} {
		if got, err := c.reply(); got != "+PONG" || err != nil {
			t.Errorf("%s connection after Resume: got %q and %v, want the reply to the PING that was sent", name, got, err)
		}
	}
}

func TestPausedServerCanBeKilledAndRestarted(t *testing.T) {
	t.Parallel()
	s := Start(t)
	s.Pause()
	s.Kill()
	wantRefused(t, s.Addr())
	s.Restart()
	if got := dial(t, s.Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING: got %q, want +PONG", got)
	}
	s.Pause() // the new process is not taken for paused
	c := dial(t, s.Addr())
	wantSilence(t, c)
	s.Restart()
	if got := dial(t, s.Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING: got %q, want +PONG", got)
	}
}

func TestPauseOfDeadServerFails(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]func(*Server){"Pause": (*Server).Pause, "Resume": (*Server).Resume} {
		r := record(t, func(tb testing.TB) {
			s := Start(tb)
			s.Kill()
			method(s)
		})
		if !r.failed && !r.skipped {
			t.Errorf("%s of a dead server did not fail the test", name)
		}
	}
}

// wantSilence sends PING and fails the test if anything comes back for a while.
func wantSilence(t *testing.T, c *client) {
	t.Helper()
	c.send("PING")
	if err := c.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if got, err := c.reply(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("paused server: got %q and %v, want no reply", got, err)
	}
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
}
