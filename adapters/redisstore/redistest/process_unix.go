//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package redistest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

const (
	canPause    = true
	canEndAlone = true
)

// guard waits until its standard input ends, which happens when the process that
// holds the other end is gone, however it went. Then it kills the server and
// removes its directory. Signals from the terminal are not for it.
const guard = `trap '' HUP INT QUIT TERM; while read -r _; do :; done; kill -KILL "$1"; rm -rf -- "$2"`

// endWithUs makes the process pid end, and its directory go, when this process
// ends. To be released when pid has ended, and not before it.
func endWithUs(pid int, dir string) (release func(), err error) {
	cmd := exec.Command("/bin/sh", "-c", guard, "redistest-guard", strconv.Itoa(pid), dir)
	hold, err := cmd.StdinPipe()
	if err != nil {
		return func() {}, err
	}
	if err := cmd.Start(); err != nil {
		return func() {}, fmt.Errorf("start the server's guard: %w", err)
	}
	return func() {
		_ = cmd.Process.Kill()
		_ = hold.Close()
		_ = cmd.Wait()
	}, nil
}

// stop stops the process and returns when it has stopped: the signal itself may
// arrive a little later than kill(2) returns.
func stop(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(p.Pid, &status, syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return fmt.Errorf("wait for the server to stop: %w", err)
		case !status.Stopped():
			return errors.New("server ended")
		default:
			return nil
		}
	}
}

func cont(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
