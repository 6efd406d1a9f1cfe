package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// envHelper makes this test binary the victim of TestServersEndWithTestBinary:
// it says how the binary is to end.
const envHelper = "REDISTEST_HELPER"

// TestHelper is not a test: it runs in the binary that is to end.
func TestHelper(t *testing.T) {
	how := os.Getenv(envHelper)
	if how == "" {
		t.Skip("runs in a child of TestServersEndWithTestBinary only")
	}
	own, common, paused := Start(t), Shared(t), Start(t)
	paused.Pause()
	servers := []*Server{own, common, paused}
	if how == "kill" {
		servers = append(servers, StartCluster(t).Nodes()...)
		sentinel := StartSentinel(t)
		servers = append(append(servers, sentinel.Sentinels()...), sentinel.Master(), sentinel.Replica())
	}
	for _, s := range servers {
		fmt.Printf("server %s %s\n", s.Addr(), s.p.dir)
	}
	fmt.Println("all")
	switch how {
	case "exit":
		os.Exit(0)
	case "panic":
		go panic("as asked")
	case "pass":
		return
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed, or the test that started it is
}

func TestServersEndWithTestBinary(t *testing.T) {
	t.Parallel()
	program(t) // skips where there is none
	if !canEndAlone {
		t.Skip("servers end in their test's cleanup only, on this system")
	}
	for _, how := range []string{"pass", "exit", "panic", "kill"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$", "-test.v")
			cmd.Env = append(os.Environ(), envHelper+"="+how)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var addrs, dirs []string
			lines := bufio.NewScanner(out)
			for lines.Scan() && lines.Text() != "all" {
				if f := strings.Fields(lines.Text()); len(f) == 3 && f[0] == "server" {
					addrs, dirs = append(addrs, f[1]), append(dirs, f[2])
				}
			}
			want := 3
			if how == "kill" {
				want += 6 + 5 // a cluster, and what sentinels watch
			}
			if len(addrs) != want {
				t.Fatalf("the helper started %d servers, want %d", len(addrs), want)
			}
			if how == "kill" {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			for lines.Scan() { // until it has ended
			}
			_ = cmd.Wait()
			for i, addr := range addrs {
				until(t, "the server at "+addr+" is gone", func() bool {
					conn, err := net.Dial("tcp", addr)
					if err == nil {
						conn.Close()
					}
					return err != nil
				})
				until(t, "the directory "+dirs[i]+" is gone", func() bool {
					_, err := os.Stat(dirs[i])
					return os.IsNotExist(err)
				})
			}
		})
	}
}
