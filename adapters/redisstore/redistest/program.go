package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// program returns the path of the server program; where there is none it skips
// the test, or fails it if the environment requires a server.
func program(t testing.TB) string {
	t.Helper()
	path, err := findProgram()
	if err == nil {
		return path
	}
	if os.Getenv(EnvRequire) == "1" {
		t.Fatalf("redistest: %v", err)
	}
	t.Skipf("redistest: skipped: %v", err)
	return ""
}

func findProgram() (string, error) {
	if name := os.Getenv(EnvServer); name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", EnvServer, err)
		}
		return path, nil
	}
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no redis-server or valkey-server on PATH: install one "+
		"(apt-get install redis-server, dnf install valkey, brew install redis), or set %s to its path", EnvServer)
}
