package faults

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"text/tabwriter"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/internal/leaktest"
)

var table = flag.Bool("table", false, "print the matrix")

// next numbers the cells.
var next atomic.Int64

// Totals are what the matrix is about.
type totals struct{ cells, wrong, twice, misses, secrets int }

func TestMatrix(t *testing.T) {
	for _, topology := range worlds {
		t.Run(topology.name, func(t *testing.T) {
			w := topology.start(t)
			rows := make(map[string][]class)
			var sum totals
			for i := range faults {
				f := &faults[i]
				if !f.happensOn(topology.name) {
					continue
				}
				t.Run(f.name, func(t *testing.T) {
					for _, op := range operations {
						c := &cell{tb: t, w: w, fault: f, op: op}
						r := c.run()
						rows[f.name] = append(rows[f.name], r.class)
						sum.add(op, r, len(c.keys))
						for _, wrong := range r.wrong {
							t.Errorf("%s %s", op.name, wrong)
						}
					}
				})
			}
			if *table {
				print(topology.name, rows, sum)
			}
		})
	}
}

func (s *totals) add(op operation, r report, keys int) {
	s.cells++
	if len(r.wrong) > 0 {
		s.wrong++
	}
	if r.executed > op.times(keys) {
		s.twice++
	}
	if r.class == missed {
		s.misses++
	}
	if r.leaks {
		s.secrets++
	}
}

// print prints the matrix of a topology.
func print(topology string, rows map[string][]class, sum totals) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintf(w, "\n%s\t", topology)
	for _, op := range operations {
		fmt.Fprintf(w, "%s\t", op.short())
	}
	fmt.Fprintln(w)
	for i := range faults {
		classes, ok := rows[faults[i].name]
		if !ok {
			continue
		}
		fmt.Fprintf(w, "%s\t", faults[i].name)
		for _, c := range classes {
			fmt.Fprintf(w, "%c\t", c)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	fmt.Printf("%d cells: %d wrong, %d writes executed twice, %d failures reported as misses, %d errors with a key, a value or a password\n",
		sum.cells, sum.wrong, sum.twice, sum.misses, sum.secrets)
}

// short is the head of a column.
func (o operation) short() string {
	name := strings.NewReplacer("CompareAndSwap", "CAS", "Many", "*", "Entries", "Ent*", "Entry", "Ent", "Delete", "Del", "Prefix", "…", "/NoExpiry", "0").Replace(o.name)
	return name
}

// blocks reports whether a CLIENT LIST has a client of user that is blocked.
func blocks(clients, user string) bool {
	for line := range strings.Lines(clients) {
		if strings.Contains(line, " user="+user+" ") && strings.Contains(line, " flags=b") {
			return true
		}
	}
	return false
}

// quiet keeps the client's remarks on broken connections out of the output.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	os.Exit(leaktest.Run(m, 0))
}
