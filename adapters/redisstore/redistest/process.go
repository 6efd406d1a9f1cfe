package redistest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// startTimeout is the patience for a start, which takes 50 ms on an idle machine.
const startTimeout = 30 * time.Second

var (
	errPortTaken = errors.New("port is taken")          // the server could not listen on it
	errNoTLS     = errors.New("this server has no TLS") // the program was built without it
)

// A process is one server in its place: a program, a directory, a configuration
// and a port, and the instance that runs there, if one does.
type process struct {
	bin  string
	dir  string
	conf *conf
	port int // set by startOnFreePort, then fixed
	log  logBuffer

	mu  sync.Mutex
	run *running // the last instance; nil before the first
}

// running is one process of the operating system.
type running struct {
	cmd    *exec.Cmd
	done   chan struct{} // closed when it has ended and is reaped
	status error         // of cmd.Wait; to be read after done
	paused bool
}

func newProcess(bin string, c *conf) (*process, error) {
	dir, err := os.MkdirTemp("", "redistest-")
	if err == nil && c.socket && len(filepath.Join(dir, socketName)) > maxSocketPath {
		_ = os.Remove(dir)
		dir, err = os.MkdirTemp("/tmp", "redistest-")
	}
	if err != nil {
		return nil, err
	}
	if err := c.certs.write(dir); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return &process{bin: bin, dir: dir, conf: c, log: logBuffer{sign: c.sign()}}, nil
}

func (p *process) addr() string { return loopback(p.port) }

func (p *process) file() string { return filepath.Join(p.dir, "redis.conf") }

// up reports whether the server runs and is not paused.
func (p *process) up() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.alive() && !p.run.paused
}

// startOnFreePort chooses a port, writes the configuration and starts the server on it. Another process
// may take the port in between: then it chooses again.
func (p *process) startOnFreePort(choose func() (int, error)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for range 20 {
		if p.port, err = choose(); err != nil {
			return err
		}
		// Written once: what a server rewrites in it holds over a restart, as it
		// does anywhere else.
		if err = os.WriteFile(p.file(), []byte(p.conf.file(p.dir, p.port)), 0o600); err != nil {
			return err
		}
		if err = p.start(time.Now().Add(startTimeout)); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

// restart starts the server again on the port that it had. Somebody else may
// hold the port for a moment, so it tries until the deadline.
func (p *process) restart() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
	deadline := time.Now().Add(startTimeout)
	for {
		err := p.start(deadline)
		if !errors.Is(err, errPortTaken) || time.Now().After(deadline) {
			return err
		}
		<-time.After(pollInterval)
	}
}

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}

func (p *process) pause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return errors.New("server is not running")
	}
	if p.run.paused {
		return nil
	}
	if err := stop(p.run.cmd.Process); err != nil {
		return err
	}
	p.run.paused = true
	return nil
}

func (p *process) resume() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return errors.New("server is not running")
	}
	if !p.run.paused {
		return nil
	}
	p.run.paused = false
	return cont(p.run.cmd.Process)
}

func (p *process) alive() bool {
	if p.run == nil {
		return false
	}
	select {
	case <-p.run.done:
		return false
	default:
		return true
	}
}

// end kills the instance, paused or not, and waits until it is gone.
func (p *process) end() {
	if p.run != nil {
		_ = p.run.cmd.Process.Kill() // one that has ended by itself is as good
		<-p.run.done
	}
}

// start starts the server on p.port and waits until it answers.
func (p *process) start(deadline time.Time) error {
	if p.conf.forgets {
		if err := os.Remove(filepath.Join(p.dir, "dump.rdb")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	ready := p.log.watch()
	cmd := exec.Command(p.bin, append([]string{p.file()}, p.conf.args()...)...)
	cmd.Dir = p.dir
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	cmd.WaitDelay = time.Second // a child of the server may hold its output a little longer
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start server: %w", err)
	}
	run := &running{cmd: cmd, done: make(chan struct{})}
	p.run = run
	release, err := endWithUs(cmd.Process.Pid, p.dir)
	go func() {
		run.status = cmd.Wait()
		release()
		close(run.done)
	}()
	if err == nil {
		err = p.await(ready, deadline)
	}
	if err != nil {
		p.end()
	}
	return err
}

// await returns when the new instance listens and answers. That it listens, its
// own log says: an answer alone might come from a process that took the port.
func (p *process) await(ready <-chan struct{}, deadline time.Time) error {
	timeout := time.NewTimer(time.Until(deadline))
	defer timeout.Stop()
	select {
	case <-ready:
	case <-p.run.done:
		err := fmt.Errorf("server ended while starting: %v", p.run.status)
		switch log := p.log.last(); {
		case strings.Contains(log, "Failed listening on port"):
			err = errPortTaken
		case p.conf.certs != nil && strings.Contains(log, ">>> 'tls-port ") && strings.Contains(log, "Bad directive"):
			err = errNoTLS
		}
		return p.withLog(err)
	case <-timeout.C:
		return p.withLog(fmt.Errorf("server did not say within %v that it is ready", startTimeout))
	}
	for {
		err := p.ping(deadline)
		if err == nil {
			if p.conf.sentinel {
				p.hasten()
			}
			return nil
		}
		if !p.alive() || time.Now().After(deadline) {
			return p.withLog(fmt.Errorf("server does not answer: %w", err))
		}
		<-time.After(pollInterval)
	}
}

func (p *process) withLog(err error) error {
	return fmt.Errorf("%w; log of %s:\n%s", err, p.bin, p.log.last())
}
