package load_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/internal/e2e/load"
	"github.com/tunica-go/tunica/internal/race"
)

// patience is how long the host may take to become idle, and to end.
const patience = time.Minute

// host is the program under load, a process of its own.
type host struct {
	cmd *exec.Cmd
	in  io.Closer
	url string
}

func start(t *testing.T, redis string) *host {
	t.Helper()
	program := filepath.Join(t.TempDir(), "host.exe")
	args := []string{"build", "-o", program}
	if race.Enabled {
		args = append(args, "-race")
	}
	if out, err := exec.CommandContext(t.Context(), "go", append(args, "./host")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	h := &host{cmd: exec.Command(program, "-redis", redis)}
	h.cmd.Stderr = os.Stderr
	in, err := h.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.in = in
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.end(t) })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no address from the host: %v", err)
	}
	h.url = "http://" + strings.TrimSpace(address)
	return h
}

// end tells the host to end, and wants it to leave nothing.
func (h *host) end(t *testing.T) {
	_ = h.in.Close()
	defer time.AfterFunc(patience, func() { _ = h.cmd.Process.Kill() }).Stop()
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("the host ended with %v", err)
	}
}

// growth asks over a connection of its own, which is the only one of an idle host.
func (h *host) growth(t *testing.T) (g load.Growth) {
	t.Helper()
	if err := json.Unmarshal(h.get(t, "/growth"), &g); err != nil {
		t.Fatal(err)
	}
	return g
}

var own = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

func (h *host) get(t *testing.T, path string) []byte {
	t.Helper()
	response, err := own.Get(h.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v, %v: %s", path, response.Status, err, body)
	}
	return body
}

// sample waits until the host is idle and has no more than so many goroutines,
// twice in a row: of what was in progress nothing is in the second answer. 0 is
// any number.
func (h *host) sample(t *testing.T, goroutines int) load.Growth {
	t.Helper()
	deadline := time.Now().Add(patience)
	for idle := false; ; {
		g := h.growth(t)
		before := idle
		idle = g.Idle() && (goroutines == 0 || g.Goroutines <= goroutines)
		switch {
		case idle && before:
			return g
		case time.Now().After(deadline):
			t.Fatalf("in %v without load the host has not come to rest: %d goroutines, want %d\n%+v\n%s",
				patience, g.Goroutines, goroutines, g, h.get(t, "/debug/pprof/goroutine?debug=1"))
		}
		<-time.After(time.Millisecond)
	}
}

// profile writes a profile of the host to a file, if that is wanted.
func (h *host) profile(t *testing.T, profile, name string) {
	t.Helper()
	if *profiles == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*profiles, name+".prof"), h.get(t, "/debug/pprof/"+profile), 0o666); err != nil {
		t.Error(err)
	}
}
