package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

const (
	patience = 2 * time.Minute  // with a process that says nothing
	lastGasp = 10 * time.Second // for what it has to say when it is told to end
)

// A process is one of a team, as its parent sees it.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err *bytes.Buffer // its standard error, complete after cmd.Wait
}

// startProcess starts this test binary with a task and waits until it is
// ready. It ends with the test.
func startProcess(t *testing.T, todo task) *process {
	t.Helper()
	text, err := json.Marshal(todo)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcess$", "-test.v")
	cmd.Env = append(os.Environ(), envProcess+"="+string(text))
	cmd.WaitDelay = lastGasp
	p := &process{cmd: cmd, err: new(bytes.Buffer)}
	cmd.Stderr = p.err
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(nil, 1<<20)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.in.Close()
		_ = cmd.Wait()
		if p.err.Len() > 0 {
			t.Logf("a process said:\n%s", p.err)
		}
	})
	p.await(t, "ready")
	return p
}

// await reads lines until one begins with word, and returns the rest of it.
func (p *process) await(t *testing.T, word string) string {
	t.Helper()
	rest, err := p.read(word, patience)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

// read is await with a limit. A process that exceeds it is made to show its
// goroutines and end. They are in the error, as all of its standard error is.
func (p *process) read(word string, limit time.Duration) (rest string, err error) {
	quit := time.AfterFunc(limit, func() {
		if p.cmd.Process.Signal(syscall.SIGQUIT) != nil { // on Windows there is none
			_ = p.cmd.Process.Kill()
		}
	})
	defer quit.Stop()
	kill := time.AfterFunc(limit+lastGasp, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	for p.out.Scan() {
		if rest, ok := strings.CutPrefix(p.out.Text(), word); ok {
			return rest, nil
		}
	}
	ended := p.cmd.Wait() // within the limit too
	said := p.err.String()
	p.err.Reset()
	if !quit.Stop() {
		return "", fmt.Errorf("a process did not say %q in %v: %v\n%s", word, limit, ended, said)
	}
	return "", fmt.Errorf("a process ended without saying %q: %v, %v\n%s", word, p.out.Err(), ended, said)
}

// A process that hangs ends, and shows where it hung.
func TestProcessThatHangs(t *testing.T) {
	p := startProcess(t, task{Addr: redistest.Start(t).Addr(), Stack: "redisstore"})
	_, err := p.read("result ", 100*time.Millisecond) // it waits to be told to begin
	if err == nil || !strings.Contains(err.Error(), `did not say "result "`) {
		t.Fatalf("got %v, want that it said nothing", err)
	}
	if runtime.GOOS != "windows" && !strings.Contains(err.Error(), "model.TestProcess(") {
		t.Errorf("got %v, want the stack of TestProcess", err)
	}
}
